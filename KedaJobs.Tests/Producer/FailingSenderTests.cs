using System.Net;
using Aspire.Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Producer;

/// <summary>What POST /jobs says when the broker goes away half way.</summary>
public sealed class FailingSenderTests
{
    private const string Connection =
        "Endpoint=sb://localhost:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;EntityPath=";

    [Theory]
    [InlineData(0, "[]", """["0","1"]""", """["2","3","4"]""")]
    [InlineData(1, """["0","1"]""", """["2","3"]""", """["4"]""")]
    [InlineData(2, """["0","1","2","3"]""", """["4"]""", "[]")]
    public async Task Says_what_the_broker_has(int goodBatches, string accepted, string unconfirmed, string notSent)
    {
        await using var producer = await ProducerServer.StartAsync(Connection + "jobs", Connection + "results", services =>
            services.AddKeyedSingleton(
                "jobs", new ServiceBusQueue("jobs", new Client(goodBatches), new AzureMessagingServiceBusSettings())));
        var jobs = Enumerable.Range(0, 5).Select(number => $$"""{"task":"fail","input":{},"id":"{{number}}"}""");

        var response = await producer.PostAsync($"[{string.Join(',', jobs)}]");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (response.StatusCode, response.Headers.RetryAfter?.Delta));
        var problem = await ProducerServer.BodyAsync(response);
        Assert.Equal(
            (accepted, unconfirmed, notSent),
            (problem["accepted"]!.ToJsonString(), problem["unconfirmed"]!.ToJsonString(), problem["notSent"]!.ToJsonString()));
    }

    private sealed class Client(int goodBatches) : ServiceBusClient
    {
        public override ServiceBusSender CreateSender(string queueOrTopicName) => new Sender(goodBatches);

        public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) => new Receiver();
    }

    private sealed class Receiver : ServiceBusReceiver
    {
        public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    /// <summary>Batches of two messages; after some of them the broker is gone.</summary>
    private sealed class Sender(int goodBatches) : ServiceBusSender
    {
        private int _sent;

        public override ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default)
        {
            var messages = new List<ServiceBusMessage>();
            return ValueTask.FromResult(ServiceBusModelFactory.ServiceBusMessageBatch(1_000, messages, null, _ => messages.Count < 2));
        }

        public override Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default) =>
            _sent++ < goodBatches
                ? Task.CompletedTask
                : Task.FromException(new ServiceBusException("gone", ServiceBusFailureReason.ServiceCommunicationProblem));

        public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
