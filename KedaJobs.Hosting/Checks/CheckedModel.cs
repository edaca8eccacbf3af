namespace KedaJobs.Hosting.Checks;

/// <summary>The input of the checks: the declarations, as values. The caller takes it from the application model.</summary>
internal sealed record CheckedModel(IReadOnlyList<CheckedJob> Jobs)
{
    public IReadOnlyList<CheckedNamespace> Namespaces { get; init; } = [];

    /// <summary>Which resources wait for which.</summary>
    public IReadOnlyList<CheckedWait> Waits { get; init; } = [];
}

/// <summary>One job with the entities that trigger it and everything the worker has a reference to.</summary>
internal sealed record CheckedJob(string Resource, EventJobOptions Options)
{
    public JobKind Kind { get; init; }

    /// <summary>The cron expression of a scheduled job.</summary>
    public string? Schedule { get; init; }

    /// <summary>The name that the job gets in Azure: Aspire publishes it in lowercase.</summary>
    public string JobName => Resource.ToLowerInvariant();

    public IReadOnlyList<CheckedTrigger> Triggers { get; init; } = [];

    public IReadOnlyList<CheckedReference> References { get; init; } = [];

    public IReadOnlyList<CheckedScaleRule> FurtherRules { get; init; } = [];

    /// <summary>Whether the triggers' rules sign in with a connection string, which is valid for one namespace.</summary>
    public bool HasScalerConnection { get; init; }

    /// <summary>Whether its code uses the library KedaJobs.Jobs, which uses the budgets.</summary>
    public bool UsesJobLibrary { get; init; }

    /// <summary>The resources that show its executions. Run mode only.</summary>
    public IReadOnlyList<string> Slots { get; init; } = [];

    /// <summary>
    /// Whether one of Aspire's own verbs publishes it as a scheduled or a manual job. Publish mode only: elsewhere they leave no trace.
    /// </summary>
    public bool IsPublishedOtherwise { get; init; }

    /// <summary>Whether it is an executable that nothing makes an image of. Publish mode only, as above.</summary>
    public bool LacksDockerfile { get; init; }

    /// <summary>The parameter that the triggers' rules sign in with although it is not marked secret.</summary>
    public string? PlainConnection { get; init; }

    /// <summary>The type of its workload profile, where the AppHost declares the profile.</summary>
    public string? DeclaredProfileType { get; init; }

    /// <summary>
    /// Environment variables that take a secret, each with what identifies the secret. Publish mode only:
    /// elsewhere the environment is not complete yet.
    /// </summary>
    public IReadOnlyList<(string Variable, string Value)> SecretVariables { get; init; } = [];

    /// <summary>Whether an argument is or holds a secret. Publish mode only, as above.</summary>
    public bool HasSecretArgument { get; init; }
}

/// <summary>An entity whose active messages start executions: a queue, or a topic's subscription.</summary>
/// <remarks>Properties that are null were not declared: Service Bus's defaults hold.</remarks>
internal abstract record CheckedTrigger(string Namespace, string Entity)
{
    /// <summary>The scale rule's name; null: the job's.</summary>
    public string? RuleName { get; init; }

    /// <summary>What the trigger itself declares; null: the job's options hold.</summary>
    public int? MessageCount { get; init; }

    public int? ActivationMessageCount { get; init; }

    public TimeSpan? LockDuration { get; init; }

    public int? MaxDeliveryCount { get; init; }

    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    public bool? DeadLetteringOnMessageExpiration { get; init; }

    public bool? RequiresSession { get; init; }

    public string? ForwardTo { get; init; }
}

internal sealed record CheckedQueue(string Namespace, string Entity) : CheckedTrigger(Namespace, Entity)
{
    public TimeSpan? DuplicateDetectionHistoryTimeWindow { get; init; }
}

internal sealed record CheckedSubscription(string Namespace, string Entity, string TopicName, string SubscriptionName)
    : CheckedTrigger(Namespace, Entity);

/// <summary>A WithReference of the worker: an entity of a namespace, or (entity null) a whole namespace.</summary>
internal sealed record CheckedReference(string Namespace, string? Entity);

/// <summary>A scale rule beside those that the triggers give.</summary>
internal sealed record CheckedScaleRule(string Name, string Type, IReadOnlyDictionary<string, string> Metadata)
{
    public bool HasIdentity { get; init; }

    /// <summary>Trigger parameters that a secret supplies, by name.</summary>
    public IReadOnlyList<string> SecretParameters { get; init; } = [];

    /// <summary>The parameter that is to be such a secret and is not marked so.</summary>
    public string? PlainSecret { get; init; }

    /// <summary>The names of the metadata whose values are known at deployment.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The names of the metadata whose values are secret.</summary>
    public IReadOnlyList<string> SecretMetadata { get; init; } = [];

    /// <summary>The names of all its metadata.</summary>
    public IEnumerable<string> Names => Metadata.Keys.Concat(References);

    /// <summary>Whether there is metadata of that name that is not empty.</summary>
    public bool Has(string name) => References.Contains(name) || !string.IsNullOrEmpty(Metadata.GetValueOrDefault(name));
}

/// <summary>A namespace with all that is declared in it.</summary>
/// <param name="Resource">The resource's name.</param>
internal sealed record CheckedNamespace(string Resource)
{
    /// <summary>The verbs that say what it runs on here, as they are called.</summary>
    public IReadOnlyList<string> RunVerbs { get; init; } = [];

    /// <summary>The port that its broker listens on; null: any free one.</summary>
    public int? Port { get; init; }

    /// <summary>Whether it exists outside the AppHost, with entities of its own.</summary>
    public bool Exists { get; init; }

    public IReadOnlyList<CheckedEntity> Entities { get; init; } = [];
}

/// <summary>A queue, topic or subscription.</summary>
/// <param name="Resource">The resource's name.</param>
/// <param name="Path">Its path in the namespace.</param>
internal sealed record CheckedEntity(string Resource, string Path)
{
    public string? ForwardTo { get; init; }

    public string? ForwardDeadLetteredMessagesTo { get; init; }

    public IReadOnlyList<CheckedRule> Rules { get; init; } = [];
}

/// <summary>A rule of a subscription.</summary>
internal sealed record CheckedRule(string Name)
{
    public bool IsSql { get; init; }

    /// <summary>Whether its correlation filter compares nothing.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>What its correlation filter compares application properties with.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Properties { get; init; } = [];
}

/// <summary>One resource waits for another.</summary>
/// <param name="Waiter">Who waits.</param>
/// <param name="Target">For whom.</param>
/// <param name="IsForCompletion">Whether it waits for the target's end.</param>
internal sealed record CheckedWait(string Waiter, string Target, bool IsForCompletion = false);
