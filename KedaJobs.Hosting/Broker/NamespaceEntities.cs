using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Broker;

/// <summary>The queues, topics and subscriptions of a namespace.</summary>
internal static class NamespaceEntities
{
    public static IEnumerable<IResource> Of(AzureServiceBusResource bus, IEnumerable<IResource> model) =>
        model.Where(resource => resource switch
        {
            AzureServiceBusQueueResource queue => queue.Parent == bus,
            AzureServiceBusTopicResource topic => topic.Parent == bus,
            AzureServiceBusSubscriptionResource subscription => subscription.Parent.Parent == bus,
            _ => false,
        });
}
