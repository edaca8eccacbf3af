using Aspire.Hosting;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Local.Polling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KedaJobs.Tests.Hosting.Local.Polling;

/// <summary>The reader over the real client, and a management API that answers what a namespace would.</summary>
public sealed class ServiceBusQueueReaderTests : IAsyncLifetime
{
    private readonly List<string> _asked = [];
    private WebApplication? _api;
    private string _answer = "";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _api = builder.Build();
        _api.Run(context =>
        {
            _asked.Add($"{context.Request.Method} {context.Request.Path}");
            return context.Response.WriteAsync(_answer);
        });
        await _api.StartAsync();
    }

    public async Task DisposeAsync() => await _api!.DisposeAsync();

    [Fact]
    public async Task Subscription_IsAskedForByItsTopic_AndItsActiveAndDeadMessagesCount()
    {
        _answer = Entry("SubscriptionDescription", active: 7, dead: 2);
        var orders = DistributedApplication.CreateBuilder().AddAzureServiceBus("messaging").AddServiceBusTopic("orders");
        await using var reader = Reader(new TriggerEntity.Subscription(orders.AddServiceBusSubscription("mail", "for-mail").Resource));

        Assert.Equal(new QueueCounts(Active: 7, DeadLettered: 2), await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(["GET /orders/Subscriptions/for-mail"], _asked);
    }

    [Fact]
    public async Task Queue_IsAskedForByItsName()
    {
        _answer = Entry("QueueDescription", active: 4, dead: 0);
        await using var reader = Reader(new TriggerEntity.Queue(
            DistributedApplication.CreateBuilder().AddAzureServiceBus("messaging").AddServiceBusQueue("jobs", "the-jobs").Resource));

        Assert.Equal(new QueueCounts(Active: 4, DeadLettered: 0), await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(["GET /the-jobs"], _asked);
    }

    [Fact]
    public async Task SubscriptionThatIsNotThere_IsAnError_NotZero()
    {
        _answer = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Publicly Listed Services</title></feed>""";
        var orders = DistributedApplication.CreateBuilder().AddAzureServiceBus("messaging").AddServiceBusTopic("orders");
        await using var reader = Reader(new TriggerEntity.Subscription(orders.AddServiceBusSubscription("mail").Resource));

        var error = await Assert.ThrowsAsync<Azure.Messaging.ServiceBus.ServiceBusException>(() => reader.ReadAsync(CancellationToken.None));

        Assert.Equal(Azure.Messaging.ServiceBus.ServiceBusFailureReason.MessagingEntityNotFound, error.Reason);
    }

    private ServiceBusQueueReader Reader(TriggerEntity entity) => new(entity, EntityAddress.Parse(
        entity.Path, $"Endpoint=sb://localhost:{new Uri(_api!.Urls.Single()).Port};SharedAccessKeyName=Root;SharedAccessKey=key;UseDevelopmentEmulator=true"));

    private static string Entry(string kind, int active, int dead) =>
        $"""
        <entry xmlns="http://www.w3.org/2005/Atom">
          <title type="text">mail</title>
          <content type="application/xml">
            <{kind} xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
              <MessageCount>{active + dead}</MessageCount>
              <CountDetails xmlns:d="http://schemas.microsoft.com/netservices/2011/06/servicebus">
                <d:ActiveMessageCount>{active}</d:ActiveMessageCount>
                <d:DeadLetterMessageCount>{dead}</d:DeadLetterMessageCount>
              </CountDetails>
            </{kind}>
          </content>
        </entry>
        """;
}
