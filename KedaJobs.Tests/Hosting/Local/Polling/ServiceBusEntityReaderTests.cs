using Aspire.Hosting;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Tests.Hosting.Local.Fakes;

namespace KedaJobs.Tests.Hosting.Local.Polling;

/// <summary>The reader over the client, and a management API that answers what a namespace would.</summary>
public class ServiceBusEntityReaderTests
{
    [Fact]
    public async Task Subscription_is_asked_for_by_its_topic_and_its_active_and_dead_messages_count()
    {
        await using var api = await FakeManagementApi.StartAsync();
        api.AnswerWith("SubscriptionDescription", active: 7, dead: 2);
        await using var reader = Reader(api, Subscription());

        Assert.Equal(new TriggerCounts(Active: 7, DeadLettered: 2), await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(["GET /orders/Subscriptions/for-mail"], api.Asked);
    }

    [Fact]
    public async Task Queue_is_asked_for_by_its_name()
    {
        await using var api = await FakeManagementApi.StartAsync();
        api.AnswerWith("QueueDescription", active: 4, dead: 0);
        await using var reader = Reader(api, new TriggerEntity.Queue(
            DistributedApplication.CreateBuilder().AddAzureServiceBus("messaging").AddServiceBusQueue("jobs", "the-jobs").Resource));

        Assert.Equal(new TriggerCounts(Active: 4, DeadLettered: 0), await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(["GET /the-jobs"], api.Asked);
    }

    [Fact]
    public async Task Subscription_that_is_not_there_is_an_error_not_zero()
    {
        await using var api = await FakeManagementApi.StartAsync();
        api.Answer = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Publicly Listed Services</title></feed>""";
        await using var reader = Reader(api, Subscription());

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => reader.ReadAsync(CancellationToken.None));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, error.Reason);
    }

    private static TriggerEntity Subscription() => new TriggerEntity.Subscription(DistributedApplication.CreateBuilder()
        .AddAzureServiceBus("messaging").AddServiceBusTopic("orders").AddServiceBusSubscription("mail", "for-mail").Resource);

    private static ServiceBusEntityReader Reader(FakeManagementApi api, TriggerEntity entity) =>
        new(entity, EntityAddress.Parse(entity.Path, api.ConnectionString));
}
