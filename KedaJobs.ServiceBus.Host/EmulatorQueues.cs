namespace KedaJobs.ServiceBus.Host;

/// <summary>Queues of a configuration file, and what queues, topics and subscriptions have in common there.</summary>
internal static class EmulatorQueues
{
    private static readonly Dictionary<string, Func<QueueOptions, ConfigNode, QueueOptions>> Properties = new()
    {
        ["DeadLetteringOnMessageExpiration"] = (queue, value) => queue with { DeadLetteringOnMessageExpiration = value.Boolean() },
        ["DefaultMessageTimeToLive"] = (queue, value) => queue with { DefaultMessageTimeToLive = value.Duration() },
        ["DuplicateDetectionHistoryTimeWindow"] = (queue, value) => queue with { DuplicateDetectionHistoryTimeWindow = value.Duration() },
        ["ForwardDeadLetteredMessagesTo"] = (queue, value) => queue with { ForwardDeadLetteredMessagesTo = value.OptionalText() },
        ["ForwardTo"] = (queue, value) => queue with { ForwardTo = value.OptionalText() },
        ["LockDuration"] = (queue, value) => queue with { LockDuration = value.Duration() },
        ["MaxDeliveryCount"] = (queue, value) => queue with { MaxDeliveryCount = value.Number() },
        ["RequiresDuplicateDetection"] = (queue, value) => queue with { RequiresDuplicateDetection = value.Boolean() },
        ["RequiresSession"] = (queue, value) => queue with { RequiresSession = value.Boolean() },

        // The official emulator does not know the following.
        ["AutoDeleteOnIdle"] = (queue, value) => queue with { AutoDeleteOnIdle = value.Duration() },
        ["EnableBatchedOperations"] = (queue, value) => queue with { EnableBatchedOperations = value.Boolean() },
        ["MaxMessageSizeInKilobytes"] = (queue, value) => queue with { MaxMessageSizeInKilobytes = value.Number() },
        ["MaxSizeInMegabytes"] = (queue, value) => queue with { MaxSizeInMegabytes = value.Number() },
        ["Status"] = (queue, value) => queue with { Status = Status(value) },
        ["UserMetadata"] = (queue, value) => queue with { UserMetadata = value.OptionalText() },
    };

    public static QueueOptions Read(ConfigNode node)
    {
        var members = node.Members("Name", "Properties");
        var queue = Set(members, new QueueOptions { Name = Name(node, members) }, Properties);
        node.Refuse(QueueOptionsValidator.Validate(queue), PlaceOf);
        return queue;
    }

    /// <summary>The name, which must be there.</summary>
    public static string Name(ConfigNode node, IReadOnlyDictionary<string, ConfigNode> members)
    {
        if (!members.TryGetValue("Name", out var name))
        {
            node.Refuse("'Name' is missing. Write \"Name\": \"...\".");
        }
        else if (name.IsText)
        {
            return name.Text();
        }
        else
        {
            name.Text();
        }

        // One problem with it is enough.
        return $"unnamed-{node.Path.Split('.')[^1].TrimEnd(']').Replace('[', '-')}";
    }

    /// <summary>
    /// Takes over the "Properties", one after the other. One that cannot be read keeps its default, so that nothing else is said of it.
    /// </summary>
    public static T Set<T>(IReadOnlyDictionary<string, ConfigNode> members, T defaults, Dictionary<string, Func<T, ConfigNode, T>> known)
    {
        var result = defaults;
        foreach (var (name, value) in members.GetValueOrDefault("Properties")?.Members([.. known.Keys])
            ?? new Dictionary<string, ConfigNode>())
        {
            var read = known[name](result, value);
            result = value.IsRefused ? result : read;
        }

        return result;
    }

    /// <summary>Where a property that a validator names stands.</summary>
    public static string PlaceOf(string property) => property switch
    {
        "" => "",
        "Name" => ".Name",
        _ => $".Properties.{property}",
    };

    public static EntityStatus Status(ConfigNode value) => Enum.Parse<EntityStatus>(value.OneOf(Enum.GetNames<EntityStatus>()));
}
