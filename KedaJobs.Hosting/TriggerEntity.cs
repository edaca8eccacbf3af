using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting;

/// <summary>
/// The entity whose active messages start executions. What tells a queue from a topic's subscription stands here or matches on these two
/// cases; names and properties are read off the resource each time, because they may be set after the declaration.
/// </summary>
internal abstract record TriggerEntity
{
    /// <summary>The type of the relationship between a job and what triggers it, as the dashboard shows it.</summary>
    public const string Relationship = "Trigger";

    /// <summary>The resource that is waited for and holds the connection string.</summary>
    public abstract IResourceWithConnectionString Resource { get; }

    public abstract AzureServiceBusResource Namespace { get; }

    /// <summary>The entity's path in its namespace, spelled as in connection strings.</summary>
    public abstract string Path { get; }

    /// <summary>By what KEDA's azure-servicebus scaler finds the entity in its namespace.</summary>
    public abstract IReadOnlyList<(string Key, string Value)> ScalerMetadata { get; }

    internal sealed record Queue(AzureServiceBusQueueResource Declared) : TriggerEntity
    {
        public override IResourceWithConnectionString Resource => Declared;

        public override AzureServiceBusResource Namespace => Declared.Parent;

        public override string Path => Declared.QueueName;

        public override IReadOnlyList<(string Key, string Value)> ScalerMetadata => [("queueName", Declared.QueueName)];
    }

    internal sealed record Subscription(AzureServiceBusSubscriptionResource Declared) : TriggerEntity
    {
        public override IResourceWithConnectionString Resource => Declared;

        public override AzureServiceBusResource Namespace => Declared.Parent.Parent;

        public override string Path => $"{Declared.Parent.TopicName}/Subscriptions/{Declared.SubscriptionName}";

        public override IReadOnlyList<(string Key, string Value)> ScalerMetadata =>
            [("topicName", Declared.Parent.TopicName), ("subscriptionName", Declared.SubscriptionName)];
    }
}
