namespace KedaJobs.ServiceBus;

/// <summary>Whether messages can be sent to and received from an entity.</summary>
public enum EntityStatus
{
    /// <summary>Messages can be sent and received.</summary>
    Active,

    /// <summary>Messages can be neither sent nor received.</summary>
    Disabled,

    /// <summary>Messages can be received, but not sent.</summary>
    SendDisabled,

    /// <summary>Messages can be sent, but not received.</summary>
    ReceiveDisabled,
}
