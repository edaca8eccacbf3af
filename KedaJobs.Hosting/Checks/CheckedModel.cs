namespace KedaJobs.Hosting.Checks;

/// <summary>What the checks look at: the declared jobs, as values. Taken from the application model by whoever runs the checks.</summary>
internal sealed record CheckedModel(IReadOnlyList<CheckedJob> Jobs);

/// <summary>One event job with the entity that triggers it and everything the worker has a reference to.</summary>
internal sealed record CheckedJob(string Resource, EventJobOptions Options, CheckedTrigger Trigger)
{
    /// <summary>The name the job gets in Azure: Aspire publishes it lower-cased.</summary>
    public string JobName => Resource.ToLowerInvariant();

    public IReadOnlyList<CheckedReference> References { get; init; } = [];

    public IReadOnlyList<CheckedScaleRule> FurtherRules { get; init; } = [];
}

/// <summary>The entity whose active messages start executions: a queue, or a topic's subscription.</summary>
/// <remarks>Properties that are null were not declared: Service Bus's defaults hold.</remarks>
internal abstract record CheckedTrigger(string Namespace, string Entity)
{
    public TimeSpan? LockDuration { get; init; }

    public int? MaxDeliveryCount { get; init; }

    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    public bool? DeadLetteringOnMessageExpiration { get; init; }

    public bool? RequiresSession { get; init; }
}

internal sealed record CheckedQueue(string Namespace, string Entity) : CheckedTrigger(Namespace, Entity)
{
    public TimeSpan? DuplicateDetectionHistoryTimeWindow { get; init; }
}

internal sealed record CheckedSubscription(string Namespace, string Entity, string TopicName, string SubscriptionName) : CheckedTrigger(Namespace, Entity)
{
    public IReadOnlyList<CheckedFilterValue> FilterValues { get; init; } = [];
}

/// <summary>What a correlation filter compares an application property with.</summary>
internal sealed record CheckedFilterValue(string Rule, string Property, object? Value);

/// <summary>A WithReference of the worker: an entity of a namespace, or (entity null) a whole namespace.</summary>
internal sealed record CheckedReference(string Namespace, string? Entity);

/// <summary>A scale rule beside the one that the trigger gives.</summary>
internal sealed record CheckedScaleRule(string Name, string Type, IReadOnlyDictionary<string, string> Metadata)
{
    public bool HasIdentity { get; init; }

    /// <summary>Trigger parameters that a secret supplies, by name.</summary>
    public IReadOnlyList<string> SecretParameters { get; init; } = [];
}
