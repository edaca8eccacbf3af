using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Broker;
using KedaJobs.Hosting.Publishing;

namespace KedaJobs.Hosting.Checks;

/// <summary>Reads off the application model what the checks look at.</summary>
internal static class ModelSnapshot
{
    // The type that WithReference gives its relationships.
    private const string Reference = "Reference";

    public static CheckedModel Of(IReadOnlyCollection<IResource> model, DeploymentFacts facts) => new(
        [.. model.SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>()).Select(job => Job(job, model, facts))])
    {
        Namespaces = [.. model.OfType<AzureServiceBusResource>().Select(bus => Namespace(bus, model))],
        Waits =
        [
            .. model.SelectMany(resource => resource.Annotations.OfType<WaitAnnotation>(), (resource, wait) =>
                new CheckedWait(resource.Name, wait.Resource.Name, wait.WaitType == WaitType.WaitForCompletion)),
        ],
    };

    private static CheckedJob Job(EventJobAnnotation job, IReadOnlyCollection<IResource> model, DeploymentFacts facts) =>
        new(job.Worker.Name, job.Options)
        {
            Kind = job.Kind,
            Schedule = job.Schedule,
            Triggers = [.. job.Triggers.Select(Trigger)],
            References =
            [
                .. job.Worker.Annotations.OfType<ResourceRelationshipAnnotation>()
                    .Where(relationship => relationship.Type == Reference)
                    .Select(relationship => Entity(relationship.Resource))
                    .OfType<CheckedReference>(),
            ],
            FurtherRules = [.. PublishedAccess.FurtherRules(job).Select(Rule)],
            UsesJobLibrary = job.Worker.HasAnnotationOfType<JobLibraryAnnotation>(),
            HasScalerConnection = TriggerAccess(job) is ScalerAccess.WithSecret,
            PlainConnection = PlainSecret(TriggerAccess(job)),
            Slots = [.. job.Slots.Select(slot => slot.Name)],
            IsPublishedOtherwise = job.Worker.Annotations.OfType<AzureContainerAppJobCustomizationAnnotation>()
                .Any(customization => IsAspiresOwn(job, customization)),
            // PublishAsDockerFile puts a container in the executable's place.
            LacksDockerfile = facts.IsPublishing && job.Worker is ExecutableResource && model.Contains(job.Worker)
                && !job.Worker.HasAnnotationOfType<DockerfileBuildAnnotation>(),
            DeclaredProfileType = facts.Profiles.FirstOrDefault(
                profile => profile.Name.Equals(job.Options.WorkloadProfile, StringComparison.OrdinalIgnoreCase))?.Type,
            SecretVariables = [.. facts.Values(job.Worker).Environment.Where(entry => SecretValues.IsSecret(entry.Value))
                .Select(entry => (entry.Key, Identity(entry.Value)))],
            HasSecretArgument = facts.Values(job.Worker).Arguments.Any(SecretValues.IsSecret),
        };

    private static ScalerAccess? TriggerAccess(EventJobAnnotation job) =>
        job.Worker.Annotations.OfType<TriggerAccessAnnotation>().LastOrDefault()?.Access;

    private static string? PlainSecret(ScalerAccess? access) =>
        access is ScalerAccess.WithSecret { Secret: { Secret: false, Name: var name } } ? name : null;

    // Wrapped or not, the same secret has the same expression.
    private static string Identity(object value) =>
        value is IManifestExpressionProvider provider ? provider.ValueExpression : value.ToString() ?? "";

    /// <summary>
    /// A callback that the verb itself brings (a schedule, or start on demand), not one that a user passes to change details. Should
    /// Aspire wrap the latter one day, ours looks like its own, and nothing can be told from them: then
    /// <see cref="PublishChecks.RequireKind"/> finds what they do.
    /// </summary>
    private static bool IsAspiresOwn(EventJobAnnotation job, AzureContainerAppJobCustomizationAnnotation customization)
    {
        var aspire = typeof(ContainerAppExtensions).Module;
        return customization.Configure.Method.Module == aspire && job.Customization?.Configure.Method.Module != aspire;
    }

    private static CheckedTrigger Trigger(EntityTrigger trigger) => Entity(trigger.Entity) with
    {
        RuleName = trigger.RuleName,
        MessageCount = trigger.MessageCount,
        ActivationMessageCount = trigger.ActivationMessageCount,
    };

    private static CheckedTrigger Entity(TriggerEntity trigger) => trigger switch
    {
        TriggerEntity.Queue { Declared: var queue } => new CheckedQueue(trigger.Namespace.Name, trigger.Path)
        {
            LockDuration = queue.LockDuration,
            MaxDeliveryCount = queue.MaxDeliveryCount,
            DefaultMessageTimeToLive = queue.DefaultMessageTimeToLive,
            DeadLetteringOnMessageExpiration = queue.DeadLetteringOnMessageExpiration,
            DuplicateDetectionHistoryTimeWindow = queue.DuplicateDetectionHistoryTimeWindow,
            RequiresSession = queue.RequiresSession,
            ForwardTo = queue.ForwardTo,
        },
        TriggerEntity.Subscription { Declared: var subscription } =>
            new CheckedSubscription(trigger.Namespace.Name, trigger.Path, subscription.Parent.TopicName, subscription.SubscriptionName)
            {
                LockDuration = subscription.LockDuration,
                MaxDeliveryCount = subscription.MaxDeliveryCount,
                DefaultMessageTimeToLive = subscription.DefaultMessageTimeToLive,
                DeadLetteringOnMessageExpiration = subscription.DeadLetteringOnMessageExpiration,
                RequiresSession = subscription.RequiresSession,
                ForwardTo = subscription.ForwardTo,
            },
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, null),
    };

    private static CheckedReference? Entity(IResource resource) => resource switch
    {
        AzureServiceBusQueueResource queue => new(queue.Parent.Name, queue.QueueName),
        AzureServiceBusTopicResource topic => new(topic.Parent.Name, topic.TopicName),
        AzureServiceBusSubscriptionResource subscription =>
            new(subscription.Parent.Parent.Name, new TriggerEntity.Subscription(subscription).Path),
        AzureServiceBusResource bus => new(bus.Name, Entity: null),
        _ => null,
    };

    private static CheckedScaleRule Rule(ScaleRuleAnnotation rule) => new(rule.Name, rule.Type, rule.Metadata)
    {
        HasIdentity = rule.Access is ScalerAccess.WithIdentity,
        SecretParameters = rule.Access is ScalerAccess.WithSecret secret ? [secret.TriggerParameter] : [],
        PlainSecret = PlainSecret(rule.Access),
        References = [.. rule.References.Keys],
        SecretMetadata = [.. rule.References.Where(entry => SecretValues.IsSecret(entry.Value.Value)).Select(entry => entry.Key)],
    };

    private static CheckedNamespace Namespace(AzureServiceBusResource bus, IEnumerable<IResource> model)
    {
        var ours = bus.Annotations.OfType<RunVerbAnnotation>().ToList();
        return new(bus.Name)
        {
            // RunAsEmulator leaves an image, which nothing of ours has before the broker's start.
            RunVerbs = [.. ours.Select(verb => verb.Verb), .. bus.IsEmulator ? ["RunAsEmulator"] : Array.Empty<string>()],
            Port = ours.Select(verb => verb.Port).FirstOrDefault(port => port is > 0),
            Exists = bus.HasAnnotationOfType<ExistingAzureResourceAnnotation>(),
            Entities = [.. NamespaceEntities.Of(bus, model).Select(Declared)],
        };
    }

    private static CheckedEntity Declared(IResource entity) => entity switch
    {
        AzureServiceBusQueueResource queue => new(queue.Name, queue.QueueName)
        {
            ForwardTo = queue.ForwardTo,
            ForwardDeadLetteredMessagesTo = queue.ForwardDeadLetteredMessagesTo,
        },
        AzureServiceBusSubscriptionResource subscription => new(subscription.Name, new TriggerEntity.Subscription(subscription).Path)
        {
            ForwardTo = subscription.ForwardTo,
            ForwardDeadLetteredMessagesTo = subscription.ForwardDeadLetteredMessagesTo,
            Rules = [.. subscription.Rules.Select(FilterRule)],
        },
        AzureServiceBusTopicResource topic => new(topic.Name, topic.TopicName),
        _ => throw new ArgumentOutOfRangeException(nameof(entity), entity, null),
    };

    private static CheckedRule FilterRule(AzureServiceBusRule rule)
    {
        var filter = rule.CorrelationFilter;
        string?[] system =
        [
            filter.ContentType, filter.CorrelationId, filter.Subject, filter.MessageId, filter.ReplyTo, filter.ReplyToSessionId,
            filter.SessionId, filter.SendTo,
        ];
        return new(rule.Name)
        {
            IsSql = rule.FilterType == AzureServiceBusFilterType.SqlFilter,
            IsEmpty = filter.Properties.Count == 0 && system.All(string.IsNullOrEmpty),
            Properties = [.. filter.Properties.Select(property => KeyValuePair.Create(property.Key, (object?)property.Value))],
        };
    }
}
