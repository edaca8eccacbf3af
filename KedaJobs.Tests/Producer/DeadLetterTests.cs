using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Producer;

public sealed class DeadLetterTests
{
    [Fact]
    public async Task ShowsWhyAndLeavesThemThere()
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
    public async Task ShowsTheBodyOfWhatIsNoJob()
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
    public async Task RequeueBringsAllBack(bool duplicateDetection)
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { RequiresDuplicateDetection = duplicateDetection });
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, [.. Enumerable.Range(0, 150).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);

        var answer = await RequeueAsync(producer, "");

        Assert.Equal((150, 150), (answer["requeued"]!.GetValue<int>(), answer["ids"]!.AsArray().Count));
        Assert.Empty((await producer.GetAsync("/dead-letter")).AsArray());
        var messages = await broker.PeekAsync();
        Assert.Equal(Enumerable.Range(0, 150), messages.Select(message => int.Parse(JobMessages.IdOf(message))).Order());
        Assert.All(messages, message => Assert.Equal(("results", 0, "{\"task\":\"fail\",\"input\":{}}"), (message.ReplyTo, message.DeliveryCount, message.Body.ToString())));
        Assert.All(messages, message => Assert.DoesNotContain(JobProperties.LastError, message.ApplicationProperties.Keys));
    }

    [Fact]
    public async Task RequeueOfOneLeavesTheOthersAtOnce()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, [.. Enumerable.Range(0, 5).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);

        Assert.Equal("""{"requeued":1,"ids":["3"]}""", (await RequeueAsync(producer, "?id=3")).ToJsonString());
        Assert.Equal("""{"requeued":0,"ids":[]}""", (await RequeueAsync(producer, "?id=3")).ToJsonString());
        Assert.Equal(4, (await RequeueAsync(producer, ""))["requeued"]!.GetValue<int>());
        Assert.Equal(5, (await broker.CountsAsync()).ActiveMessageCount);
    }

    [Fact]
    public async Task RequeueTakesNoMoreThanAsked()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await BuryAsync(broker, [.. Enumerable.Range(0, 5).Select(number => JobsBroker.Job($"{number}", "fail", "{}"))]);

        Assert.Equal(2, (await RequeueAsync(producer, "?max=2"))["requeued"]!.GetValue<int>());
        Assert.Equal((2, 3), ((await broker.CountsAsync()).ActiveMessageCount, (await broker.CountsAsync()).DeadLetterMessageCount));
    }

    [Fact]
    public async Task WithoutDeadLetters_RequeuesNothing()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        Assert.Equal("""{"requeued":0,"ids":[]}""", (await RequeueAsync(producer, "")).ToJsonString());
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
