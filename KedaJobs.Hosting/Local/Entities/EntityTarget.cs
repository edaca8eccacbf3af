using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Local.Polling;

namespace KedaJobs.Hosting.Local.Entities;

/// <summary>A queue, topic or subscription of the application as its resource's commands and properties see it.</summary>
internal abstract record EntityTarget
{
    public abstract IResourceWithConnectionString Resource { get; }

    public abstract AzureServiceBusResource Namespace { get; }

    /// <summary>What messages are sent to: the queue, or the topic.</summary>
    public abstract string SendPath { get; }

    /// <summary>What messages are received from: the queue, or the subscription; null for a topic.</summary>
    public abstract string? ReceivePath { get; }

    /// <summary>What users call it, with its kind.</summary>
    public abstract string Title { get; }

    public Task<EntityAddress> AddressAsync(CancellationToken cancellationToken) =>
        EntityAddress.OfAsync(Resource, Namespace, ReceivePath ?? SendPath, cancellationToken);

    public static EntityTarget? Of(IResource resource) => resource switch
    {
        AzureServiceBusQueueResource queue => new Queue(queue),
        AzureServiceBusTopicResource topic => new Topic(topic),
        AzureServiceBusSubscriptionResource subscription => new Subscription(subscription),
        _ => null,
    };

    internal sealed record Queue(AzureServiceBusQueueResource Declared) : EntityTarget
    {
        public override IResourceWithConnectionString Resource => Declared;

        public override AzureServiceBusResource Namespace => Declared.Parent;

        public override string SendPath => Declared.QueueName;

        public override string? ReceivePath => Declared.QueueName;

        public override string Title => $"queue '{Declared.QueueName}'";
    }

    internal sealed record Topic(AzureServiceBusTopicResource Declared) : EntityTarget
    {
        public override IResourceWithConnectionString Resource => Declared;

        public override AzureServiceBusResource Namespace => Declared.Parent;

        public override string SendPath => Declared.TopicName;

        public override string? ReceivePath => null;

        public override string Title => $"topic '{Declared.TopicName}'";
    }

    internal sealed record Subscription(AzureServiceBusSubscriptionResource Declared) : EntityTarget
    {
        public override IResourceWithConnectionString Resource => Declared;

        public override AzureServiceBusResource Namespace => Declared.Parent.Parent;

        public override string SendPath => Declared.Parent.TopicName;

        public override string? ReceivePath => $"{Declared.Parent.TopicName}/Subscriptions/{Declared.SubscriptionName}";

        public override string Title => $"subscription '{Declared.SubscriptionName}' of topic '{Declared.Parent.TopicName}'";
    }
}
