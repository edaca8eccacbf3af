using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Broker;

/// <summary>The queues, topics and subscriptions of a namespace.</summary>
internal static class NamespaceEntities
{
    public static IEnumerable<IResource> Of(AzureServiceBusResource bus, IEnumerable<IResource> model) =>
        model.Where(resource => resource != bus && NamespaceOf(resource) == bus);

    /// <summary>The namespace that a resource is or belongs to; null if it is not a Service Bus resource.</summary>
    public static AzureServiceBusResource? NamespaceOf(IResource resource) => resource switch
    {
        AzureServiceBusResource bus => bus,
        AzureServiceBusQueueResource queue => queue.Parent,
        AzureServiceBusTopicResource topic => topic.Parent,
        AzureServiceBusSubscriptionResource subscription => subscription.Parent.Parent,
        _ => null,
    };
}
