namespace KedaJobs.ServiceBus;

/// <summary>
/// A named shared access key and what it allows, for the whole namespace or, in <see cref="QueueOptions"/> and
/// <see cref="TopicOptions"/>, for one queue or topic.
/// </summary>
public sealed record SharedAccessRule
{
    /// <summary>The name of the rule that the official emulator has, which Aspire writes into connection strings.</summary>
    public const string DefaultName = "RootManageSharedAccessKey";

    /// <summary>The key of the official emulator. It is public knowledge: it protects against mistakes, not against attackers.</summary>
    public const string DefaultKey = "SAS_KEY_VALUE";

    /// <summary>The rule's name, the <c>SharedAccessKeyName</c> of a connection string; compared exactly. 1 to 256 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The key, the <c>SharedAccessKey</c> of a connection string. It is used as text: not decoded from base64.</summary>
    public required string Key { get; init; }

    /// <summary>A second, equally valid key, so that keys can be rotated without an interruption; null for none.</summary>
    public string? SecondaryKey { get; init; }

    /// <summary>What the key allows. Default: everything.</summary>
    public AccessRights Rights { get; init; } = AccessRights.Manage;

    /// <summary>
    /// Whether the key is valid only for clients on this machine that connect through a loopback address. Default false. With true, the
    /// emulator's key can stay even if <see cref="BrokerOptions.AcceptRemoteConnections"/> is on.
    /// </summary>
    public bool LoopbackOnly { get; init; }

    /// <summary>The rule of the official emulator: <see cref="DefaultName"/> with <see cref="DefaultKey"/> and every right.</summary>
    public static SharedAccessRule Default { get; } = new() { Name = DefaultName, Key = DefaultKey };

    /// <summary>Names the rule and its rights; never shows a key.</summary>
    public override string ToString() => $"{Name} ({Rights})";
}
