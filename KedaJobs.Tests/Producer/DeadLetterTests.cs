using System.Net;
using System.Text.Json.Nodes;
using Aspire.Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Producer.DeadLetters;
using KedaJobs.ServiceDefaults;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Producer;

public sealed class DeadLetterTests
{
    [Fact]
    public async Task Shows_why_and_leaves_them_there()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, JobsBroker.Job("a", "fail", """{"message":"x"}"""));

        for (var look = 0; look < 2; look++)
        {
            var letter = Assert.Single((await producer.GetAsync("/dead-letter")).AsArray())!;
            Assert.NotEqual(default, letter["enqueuedTime"]!.GetValue<DateTimeOffset>());
            letter["enqueuedTime"] = null;
            letter["sequenceNumber"] = null;
            Assert.Equal(
                """
                {"id":"a","task":"fail","reason":"Tired","description":"No more.","error":"boom","errorType":"Boom","execution":"worker-abc1234","deliveryCount":0,"enqueuedTime":null,"sequenceNumber":null,"input":{"message":"x"},"body":null}
                """,
                letter.ToJsonString());
        }
    }

    [Fact]
    public async Task Shows_the_body_of_what_is_no_job()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, new ServiceBusMessage("nonsense") { MessageId = "a" });

        var letter = Assert.Single((await producer.GetAsync("/dead-letter")).AsArray())!;

        Assert.Equal(("nonsense", null), (letter["body"]!.GetValue<string>(), letter["input"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requeue_brings_all_back(bool duplicateDetection)
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { RequiresDuplicateDetection = duplicateDetection });
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, [.. Enumerable.Range(0, 150).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);

        var answer = await RequeueAsync(producer, "");

        Assert.Equal((150, 150), (answer["requeued"]!.GetValue<int>(), answer["ids"]!.AsArray().Count));
        Assert.Empty((await producer.GetAsync("/dead-letter")).AsArray());
        var messages = await broker.PeekAsync();
        Assert.Equal(Enumerable.Range(0, 150), messages.Select(message => int.Parse(JobMessages.IdOf(message))).Order());
        Assert.All(
            messages,
            message => Assert.Equal(
                ("results", 0, "{\"task\":\"fail\",\"input\":{}}"), (message.ReplyTo, message.DeliveryCount, message.Body.ToString())));
        Assert.All(messages, message => Assert.DoesNotContain(JobProperties.LastError, message.ApplicationProperties.Keys));
    }

    [Fact]
    public async Task Requeue_of_one_leaves_the_others_at_once()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, [.. Enumerable.Range(0, 5).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);

        Assert.Equal("""{"requeued":1,"ids":["3"],"complete":true}""", (await RequeueAsync(producer, "?id=3")).ToJsonString());
        Assert.Equal("""{"requeued":0,"ids":[],"complete":true}""", (await RequeueAsync(producer, "?id=3")).ToJsonString());
        Assert.Equal(4, (await RequeueAsync(producer, ""))["requeued"]!.GetValue<int>());
        Assert.Equal(5, (await broker.CountsAsync()).ActiveMessageCount);
    }

    [Fact]
    public async Task Requeue_takes_no_more_than_asked()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, [.. Enumerable.Range(0, 5).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);

        Assert.Equal(2, (await RequeueAsync(producer, "?max=2"))["requeued"]!.GetValue<int>());
        Assert.Equal((2, 3), ((await broker.CountsAsync()).ActiveMessageCount, (await broker.CountsAsync()).DeadLetterMessageCount));
    }

    [Fact]
    public async Task Without_dead_letters_requeues_nothing()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        Assert.Equal("""{"requeued":0,"ids":[],"complete":true}""", (await RequeueAsync(producer, "")).ToJsonString());
    }

    [Fact]
    public async Task Requeue_of_one_with_several_letters_takes_no_more_than_asked()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, [.. Enumerable.Range(0, 6).Select(number => JobsBroker.Job(number % 2 == 0 ? "a" : "b", "fail", "{}"))]);

        Assert.Equal("""{"requeued":2,"ids":["b","b"],"complete":true}""", (await RequeueAsync(producer, "?id=b&max=2")).ToJsonString());
        Assert.Equal("""{"requeued":1,"ids":["b"],"complete":true}""", (await RequeueAsync(producer, "?id=b")).ToJsonString());
    }

    [Fact]
    public async Task Requeue_of_one_looks_at_the_oldest_letters_only()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(
            broker, [.. Enumerable.Range(0, DeadLetterSearch.MaxLetters + 1).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);

        var response = await producer.Http.PostAsync($"/dead-letter/requeue?id={DeadLetterSearch.MaxLetters}", null);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal(
            "Job '1000' is not among the oldest 1,000 dead letters, and only those can be put back by their id. "
                + "Put back or remove older ones first.",
            (await ProducerServer.BodyAsync(response))["detail"]!.GetValue<string>());
        Assert.All(await broker.PeekAsync(SubQueue.DeadLetter), letter => Assert.Equal(0, letter.DeliveryCount));
        Assert.Equal("""{"requeued":1,"ids":["999"],"complete":false}""", (await RequeueAsync(producer, "?id=999")).ToJsonString());
    }

    [Fact]
    public async Task After_a_requeue_that_threw_the_next_is_served()
    {
        await using var broker = await JobsBroker.StartAsync();
        var fault = true;
        await using var producer = await ProducerServer.StartAsync(broker.JobsConnection, broker.ResultsConnection, services =>
            services.AddKeyedSingleton("jobs", new ServiceBusQueue(
                "jobs", new FaultyClient(broker.JobsConnection, () => fault), new AzureMessagingServiceBusSettings())));
        await BuryAsync(broker, JobsBroker.Job("a", "fail", "{}"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await producer.Http.PostAsync("/dead-letter/requeue", null)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await producer.Http.PostAsync("/dead-letter/requeue", null)).StatusCode);
        fault = false;

        Assert.Equal(1, (await RequeueAsync(producer, ""))["requeued"]!.GetValue<int>());
    }

    /// <summary>Opens its first receiver (the one that peeks), and then none while there is a fault.</summary>
    private sealed class FaultyClient(string connection, Func<bool> isFaulty) : ServiceBusClient(connection)
    {
        private int _receivers;

        public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) =>
            _receivers++ > 0 && isFaulty()
                ? throw new ServiceBusException("gone", ServiceBusFailureReason.ServiceCommunicationProblem)
                : base.CreateReceiver(queueName, options);
    }

    private static async Task<JsonNode> RequeueAsync(ProducerServer producer, string query) =>
        await ProducerServer.BodyAsync((await producer.Http.PostAsync($"/dead-letter/requeue{query}", null)).EnsureSuccessStatusCode());

    /// <summary>Sends jobs to the dead-letter queue as a worker does.</summary>
    private static async Task BuryAsync(JobsBroker broker, params ServiceBusMessage[] jobs)
    {
        await broker.SendAsync(jobs);
        await using var receiver = broker.Client.CreateReceiver("jobs");
        var trail = new Dictionary<string, object>
        {
            [JobProperties.LastError] = "boom",
            [JobProperties.LastErrorType] = "Boom",
            [JobProperties.LastExecution] = "worker-abc1234",
        };
        for (var buried = 0; buried < jobs.Length;)
        {
            foreach (var message in await receiver.ReceiveMessagesAsync(jobs.Length - buried, TimeSpan.FromSeconds(5)))
            {
                await receiver.DeadLetterMessageAsync(message, trail, "Tired", "No more.");
                buried++;
            }
        }
    }
}
