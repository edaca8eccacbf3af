using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Broker;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>
/// A job of a complete model as its definition. Pure: it reads the declaration and nothing else, no value of any parameter.
/// </summary>
internal static class JobDefinitionMap
{
    /// <exception cref="JobDeclarationException">Part of it cannot be expressed in Azure.</exception>
    public static JobDefinition Of(
        EventJobAnnotation job, WorkerEnvironment environment, IEnumerable<IResource> model, IEnumerable<WorkloadProfile> profiles)
    {
        var options = job.Options;
        var bus = Namespace(job, environment);
        var entities = bus is null ? null : new DeclaredEntities(job, bus, environment, model);
        var isEvent = job.Kind == JobKind.Event;
        var variables = Variables(environment, bus);
        var secrets = new DefinedSecrets(job.Worker.Name, variables);
        return new()
        {
            SchemaVersion = JobDefinition.CurrentSchemaVersion,
            Name = job.JobName,
            Cloud = options.Cloud,
            TriggerType = job.Kind switch
            {
                JobKind.Event => JobTriggerType.Event,
                JobKind.Scheduled => JobTriggerType.Schedule,
                _ => JobTriggerType.Manual,
            },
            Schedule = job.Schedule,
            Image = job.Worker is ContainerResource && job.Worker.TryGetContainerImageName(out var image) ? image : $"{job.JobName}:latest",
            Command = job.Worker is ContainerResource { Entrypoint: { } entrypoint } ? [entrypoint] : null,
            Arguments = NullIfNone(environment.Arguments),
            WorkloadProfile = options.WorkloadProfile,
            WorkloadProfileNodes =
                profiles.FirstOrDefault(profile => profile.Name.Equals(options.WorkloadProfile, StringComparison.OrdinalIgnoreCase)) switch
                {
                    null => null,
                    { IsConsumption: true } profile => new(profile.Type),
                    var profile => new(profile.Type, profile.MinimumNodes, profile.MaximumNodes),
                },
            Resources = new(options.Cpu, options.MemoryGi),
            Execution = new(
                Seconds(options.ReplicaTimeout), options.ReplicaRetryLimit, options.Parallelism, options.ReplicaCompletionCount),
            Scale = isEvent ? new(Seconds(options.PollingInterval), options.MinExecutions, options.MaxExecutions) : null,
            Trigger = isEvent ? Trigger(job, job.Triggers[0], secrets) : null,
            FurtherTriggers = NullIfNone(
                job.Triggers.Skip(1).Where(trigger => trigger.Entity.Namespace == bus).Select(trigger => Trigger(job, trigger, secrets))),
            Rules = isEvent ? [.. FarTriggers(job), .. PublishedAccess.FurtherRules(job).Select(rule => Rule(rule, secrets))] : [],
            Namespace = entities?.Namespace,
            Queues = entities?.Queues ?? [],
            Topics = entities?.Topics ?? [],
            Identities = Identities(job),
            Environment = variables,
            Omitted = NullIfNone(environment.Omitted.Concat(Metadata(job)).Concat(Elsewhere(job, environment, bus))),
        };
    }

    /// <summary>A definition has one namespace: the trigger's, or of a job without triggers the first that the worker refers to.</summary>
    private static AzureServiceBusResource? Namespace(EventJobAnnotation job, WorkerEnvironment environment) => job.Kind == JobKind.Event
        ? job.Trigger.Namespace
        : environment.Connections.Select(connection => NamespaceEntities.NamespaceOf(connection.Resource)).FirstOrDefault();

    /// <summary>Connections to other namespaces are variables with references like any other.</summary>
    private static Dictionary<string, DefinedText> Variables(WorkerEnvironment environment, AzureServiceBusResource? bus)
    {
        var variables = new Dictionary<string, DefinedText>(environment.Variables);
        foreach (var (name, resource) in Far(environment, bus))
        {
            variables.Add($"ConnectionStrings__{name}", DefinedTexts.Of(resource)!);
        }

        return variables;
    }

    private static IEnumerable<(string ConnectionName, IResource Resource)> Far(
        WorkerEnvironment environment, AzureServiceBusResource? bus) =>
        environment.Connections.Where(connection => NamespaceEntities.NamespaceOf(connection.Resource) != bus);

    /// <summary>References in rules that are no text with named references.</summary>
    private static IEnumerable<string> Metadata(EventJobAnnotation job) =>
        from rule in PublishedAccess.FurtherRules(job)
        from reference in rule.References
        where DefinedTexts.Of(reference.Value.Value) is null
        select $"'{reference.Key}' of the scale rule '{rule.Name}', whose value depends on a condition or is formatted.";

    /// <summary>What is referred to and created by none of the exports.</summary>
    private static IEnumerable<string> Elsewhere(EventJobAnnotation job, WorkerEnvironment environment, AzureServiceBusResource? bus)
    {
        var triggers = job.Triggers.Where(trigger => trigger.Entity.Namespace != bus).Select(trigger => (IResource)trigger.Entity.Resource);
        foreach (var resource in triggers.Concat(Far(environment, bus).Select(connection => connection.Resource)).Distinct())
        {
            yield return $"'{resource.Name}' of another namespace, '{NamespaceEntities.NamespaceOf(resource)!.Name}', "
                + "and role assignments there.";
        }
    }

    private static IReadOnlyList<T>? NullIfNone<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } some ? some : null;

    private static TriggerDefinition Trigger(EventJobAnnotation job, EntityTrigger trigger, DefinedSecrets secrets)
    {
        var access = PublishedAccess.Trigger(job);
        var definition = new TriggerDefinition(
            trigger.MessageCount ?? job.Options.MessageCount, trigger.ActivationMessageCount ?? job.Options.ActivationMessageCount)
        {
            RuleName = trigger.RuleName,
            Identity = access is ScalerAccess.WithIdentity { Identity: var identity } ? Name(identity) : null,
            ConnectionSecret = access is ScalerAccess.WithSecret secret ? secrets.NameOf(secret) : null,
        };
        return trigger.Entity switch
        {
            TriggerEntity.Queue { Declared: var queue } => definition with { Queue = queue.QueueName },
            TriggerEntity.Subscription { Declared: var subscription } =>
                definition with { Topic = subscription.Parent.TopicName, Subscription = subscription.SubscriptionName },
            _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, null),
        };
    }

    /// <summary>Triggers in another namespace are rules of which the namespace's name is known once it is deployed.</summary>
    private static IEnumerable<ScaleRuleDefinition> FarTriggers(EventJobAnnotation job) =>
        from trigger in job.Triggers
        where trigger.Entity.Namespace != job.Trigger.Namespace
        let identity = PublishedAccess.Trigger(job) is ScalerAccess.WithIdentity access ? access.Identity : null
        select new ScaleRuleDefinition
        {
            Name = trigger.RuleName ?? job.JobName,
            Type = "azure-servicebus",
            Metadata = FarMetadata(job, trigger),

            // With a connection string it is refused (KJ020), because a connection string is valid for one namespace.
            Identity = identity is null ? null : Name(identity),
        };

    private static Dictionary<string, DefinedText> FarMetadata(EventJobAnnotation job, EntityTrigger trigger)
    {
        var metadata = trigger.Entity.ScalerMetadata.ToDictionary(item => item.Key, item => (DefinedText)item.Value);
        metadata["namespace"] = DefinedTexts.Of(trigger.Entity.Namespace.NameOutputReference)!;
        if (job.Options.Cloud.KedaName() is { } cloud)
        {
            metadata["cloud"] = cloud;
        }

        metadata["messageCount"] = Number(trigger.MessageCount ?? job.Options.MessageCount);
        metadata["activationMessageCount"] = Number(trigger.ActivationMessageCount ?? job.Options.ActivationMessageCount);
        return metadata;
    }

    private static ScaleRuleDefinition Rule(ScaleRuleAnnotation rule, DefinedSecrets secrets) => new()
    {
        Name = rule.Name,
        Type = rule.Type,
        Metadata = Metadata(rule),
        Identity = rule.Access is ScalerAccess.WithIdentity { Identity: var identity } ? Name(identity) : null,
        Auth = rule.Access is ScalerAccess.WithSecret secret ? [new(secret.TriggerParameter, secrets.NameOf(secret))] : [],
    };

    private static Dictionary<string, DefinedText> Metadata(ScaleRuleAnnotation rule)
    {
        var metadata = rule.Metadata.ToDictionary(item => item.Key, item => (DefinedText)item.Value);
        foreach (var (name, reference) in rule.References)
        {
            if (DefinedTexts.Of(reference.Value) is { } text)
            {
                metadata.Add(name, text);
            }
        }

        return metadata;
    }

    private static IReadOnlyList<IdentityDefinition> Identities(EventJobAnnotation job)
    {
        var worker = PublishedAccess.Worker(job);
        var rules = job.Kind != JobKind.Event ? [] : PublishedAccess.FurtherRules(job).Select(rule => rule.Access)
            .Prepend(PublishedAccess.Trigger(job))
            .OfType<ScalerAccess.WithIdentity>()
            .Select(access => access.Identity)
            .Distinct()
            .Where(identity => identity != worker)
            .Select(identity => new IdentityDefinition(Name(identity), IdentityUse.ScaleRule));
        return worker is null ? [.. rules] : [new(Name(worker), IdentityUse.Worker), .. rules];
    }

    // Every identity that Aspire makes is a resource of the model.
    private static string Name(IAppIdentityResource identity) => ((IResource)identity).Name;

    private static DefinedText Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static int Seconds(TimeSpan value) => (int)value.TotalSeconds;
}
