using Aspire.Hosting;
using KedaJobs.Hosting.Broker;

namespace KedaJobs.Tests.Hosting.Broker;

public class NamespaceEntitiesTests
{
    [Fact]
    public void Entities_are_the_queues_topics_and_subscriptions_of_the_one_namespace()
    {
        var builder = DistributedApplication.CreateBuilder();
        var mine = builder.AddAzureServiceBus("mine");
        mine.AddServiceBusQueue("jobs");
        mine.AddServiceBusTopic("orders").AddServiceBusSubscription("mail");
        var other = builder.AddAzureServiceBus("other");
        other.AddServiceBusQueue("others-jobs");
        other.AddServiceBusTopic("others-orders").AddServiceBusSubscription("others-mail");

        Assert.Equal(["jobs", "orders", "mail"], NamespaceEntities.Of(mine.Resource, builder.Resources).Select(entity => entity.Name));
    }
}
