namespace KedaJobs.ServiceBus;

/// <summary>Whether a queue takes and gives messages.</summary>
public enum EntityStatus
{
    /// <summary>Both.</summary>
    Active,

    /// <summary>Neither.</summary>
    Disabled,

    /// <summary>Gives messages, takes none.</summary>
    SendDisabled,

    /// <summary>Takes messages, gives none.</summary>
    ReceiveDisabled,
}
