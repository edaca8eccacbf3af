using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Broker;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>An event job of a complete model as its definition. Pure: it reads the declaration and nothing else, no value of any parameter.</summary>
internal static class JobDefinitionMap
{
    public static JobDefinition Of(EventJobAnnotation job, WorkerEnvironment environment, IEnumerable<IResource> model)
    {
        var options = job.Options;
        var entities = new DeclaredEntities(job, environment, model);
        return new()
        {
            SchemaVersion = JobDefinition.CurrentSchemaVersion,
            Name = job.JobName,
            Image = $"{job.JobName}:latest",
            Resources = new(options.Cpu, options.MemoryGi),
            Execution = new(Seconds(options.ReplicaTimeout), options.ReplicaRetryLimit, options.Parallelism, options.ReplicaCompletionCount),
            Scale = new(Seconds(options.PollingInterval), options.MinExecutions, options.MaxExecutions),
            Trigger = Trigger(job, job.Triggers[0]),
            FurtherTriggers = NullIfNone(job.Triggers.Skip(1).Where(trigger => trigger.Entity.Namespace == job.Trigger.Namespace).Select(trigger => Trigger(job, trigger))),
            Rules = [.. PublishedAccess.FurtherRules(job).Select(Rule)],
            Namespace = entities.Namespace,
            Queues = entities.Queues,
            Topics = entities.Topics,
            Identities = Identities(job),
            Environment = environment.Fixed,
            Omitted = NullIfNone(Omitted(job, environment)),
        };
    }

    /// <summary>A definition has one namespace, and no resources but Service Bus.</summary>
    private static IEnumerable<string> Omitted(EventJobAnnotation job, WorkerEnvironment environment)
    {
        foreach (var trigger in job.Triggers.Where(trigger => trigger.Entity.Namespace != job.Trigger.Namespace))
        {
            yield return $"the trigger '{trigger.RuleName}', which counts '{trigger.Entity.Path}' of another namespace, '{trigger.Entity.Namespace.Name}'.";
        }

        foreach (var (name, resource) in environment.Connections.Where(connection => NamespaceEntities.NamespaceOf(connection.Resource) != job.Trigger.Namespace))
        {
            yield return $"the worker's connection ConnectionStrings__{name} to '{resource.Name}', which is not in the namespace '{job.Trigger.Namespace.Name}'.";
        }
    }

    private static IReadOnlyList<T>? NullIfNone<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } some ? some : null;

    private static TriggerDefinition Trigger(EventJobAnnotation job, EntityTrigger trigger)
    {
        var access = PublishedAccess.Trigger(job);
        var definition = new TriggerDefinition(
            trigger.MessageCount ?? job.Options.MessageCount, trigger.ActivationMessageCount ?? job.Options.ActivationMessageCount)
        {
            RuleName = trigger.RuleName,
            Identity = access is ScalerAccess.WithIdentity { Identity: var identity } ? Name(identity) : null,
            ConnectionSecret = access is ScalerAccess.WithSecret secret ? secret.SecretName : null,
        };
        return trigger.Entity switch
        {
            TriggerEntity.Queue { Declared: var queue } => definition with { Queue = queue.QueueName },
            TriggerEntity.Subscription { Declared: var subscription } =>
                definition with { Topic = subscription.Parent.TopicName, Subscription = subscription.SubscriptionName },
            _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, null),
        };
    }

    private static ScaleRuleDefinition Rule(ScaleRuleAnnotation rule) => new()
    {
        Name = rule.Name,
        Type = rule.Type,
        Metadata = rule.Metadata,
        Identity = rule.Access is ScalerAccess.WithIdentity { Identity: var identity } ? Name(identity) : null,
        Auth = rule.Access is ScalerAccess.WithSecret secret ? [new(secret.TriggerParameter, secret.SecretName)] : [],
    };

    private static IReadOnlyList<IdentityDefinition> Identities(EventJobAnnotation job)
    {
        var worker = PublishedAccess.Worker(job);
        var rules = PublishedAccess.FurtherRules(job).Select(rule => rule.Access)
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

    private static int Seconds(TimeSpan value) => (int)value.TotalSeconds;
}
