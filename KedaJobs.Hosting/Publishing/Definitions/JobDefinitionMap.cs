using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
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
            Trigger = Trigger(job),
            Rules = [.. PublishedAccess.FurtherRules(job).Select(Rule)],
            Namespace = entities.Namespace,
            Queues = entities.Queues,
            Topics = entities.Topics,
            Identities = Identities(job),
            Environment = environment.Fixed,
        };
    }

    private static TriggerDefinition Trigger(EventJobAnnotation job)
    {
        var access = PublishedAccess.Trigger(job);
        var definition = new TriggerDefinition(job.Options.MessageCount, job.Options.ActivationMessageCount)
        {
            Identity = access is ScalerAccess.WithIdentity { Identity: var identity } ? Name(identity) : null,
            ConnectionSecret = access is ScalerAccess.WithSecret secret ? secret.SecretName : null,
        };
        return job.Trigger switch
        {
            TriggerEntity.Queue { Declared: var queue } => definition with { Queue = queue.QueueName },
            TriggerEntity.Subscription { Declared: var subscription } =>
                definition with { Topic = subscription.Parent.TopicName, Subscription = subscription.SubscriptionName },
            _ => throw new ArgumentOutOfRangeException(nameof(job), job.Trigger, null),
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
