namespace KedaJobs.ServiceBus;

/// <summary>What the holder of a shared access key is allowed to do (Service Bus: the rule's claims).</summary>
[Flags]
public enum AccessRights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Receive, settle and peek messages; read and set session state.</summary>
    Listen = 1,

    /// <summary>Send, schedule and cancel messages.</summary>
    Send = 2,

    /// <summary>Create, read, change and delete queues. Service Bus lets such a key listen and send too.</summary>
    Manage = Listen | Send | 4,
}
