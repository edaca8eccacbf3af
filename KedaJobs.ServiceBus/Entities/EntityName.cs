namespace KedaJobs.ServiceBus.Entities;

/// <summary>Names of queues and topics have no letter case: any spelling finds them, and clients are shown lower case.</summary>
internal static class EntityName
{
    private const string Subscriptions = "/Subscriptions/";

    /// <summary>
    /// The name that clients are shown, whatever it was created with. In the path of a subscription, only the topic's name changes.
    /// </summary>
    public static string Shown(string name)
    {
        var topic = name.IndexOf(Subscriptions, StringComparison.Ordinal);
        return topic < 0 ? name.ToLowerInvariant() : string.Concat(name[..topic].ToLowerInvariant(), name.AsSpan(topic));
    }
}
