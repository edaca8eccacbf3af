namespace KedaJobs.ServiceBus.Management;

internal enum ResourceKind : byte
{
    /// <summary>A queue or a topic.</summary>
    Entity,

    /// <summary>The subscriptions of a topic.</summary>
    Subscriptions,
    Subscription,

    /// <summary>The rules of a subscription.</summary>
    Rules,
    Rule,
    None,
}

/// <summary>What a path names: <c>topic/Subscriptions/subscription/Rules/rule</c>, or a part of it.</summary>
internal readonly record struct ManagementPath(ResourceKind Kind, string Entity, string Subscription = "", string Rule = "")
{
    /// <param name="path">
    /// The path, decoded, without outer slashes. Names of queues and topics may have slashes, but not a part "Subscriptions".
    /// </param>
    public static ManagementPath Parse(string path)
    {
        var parts = path.Split('/');
        var at = Array.FindIndex(parts, 1, part => part.Equals("Subscriptions", StringComparison.OrdinalIgnoreCase));
        if (parts.Length < 2 || at < 0)
        {
            return new ManagementPath(NamesDeadLetters(path) ? ResourceKind.None : ResourceKind.Entity, path);
        }

        var topic = string.Join('/', parts[..at]);
        return parts[(at + 1)..] switch
        {
            [] => new ManagementPath(ResourceKind.Subscriptions, topic),
            [var subscription] => new ManagementPath(ResourceKind.Subscription, topic, subscription),
            [var subscription, var rules] when IsRules(rules) => new ManagementPath(ResourceKind.Rules, topic, subscription),
            [var subscription, var rules, var rule] when IsRules(rules) => new ManagementPath(ResourceKind.Rule, topic, subscription, rule),
            _ => new ManagementPath(ResourceKind.None, topic),
        };
    }

    /// <summary>
    /// Whether a path is that of a dead-letter queue or transfer dead-letter queue, which receivers know but the management API does not.
    /// </summary>
    public static bool NamesDeadLetters(string path) => path.EndsWith("/$DeadLetterQueue", StringComparison.OrdinalIgnoreCase);

    private static bool IsRules(string part) => part.Equals("Rules", StringComparison.OrdinalIgnoreCase);
}
