using System.Net;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Producer;

public sealed class ResultsTests
{
    [Fact]
    public async Task EachResultIsTakenOnce()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await SendResultsAsync(broker, 250);

        var taken = new List<string>();
        for (var count = -1; count != 0;)
        {
            var results = (await producer.GetAsync("/results?max=100")).AsArray();
            Assert.InRange(results.Count, 0, 100);
            taken.AddRange(results.Select(IdOf));
            count = results.Count;
        }

        Assert.Equal(Enumerable.Range(0, 250), taken.Select(int.Parse).Order());
        Assert.Equal(0, (await broker.CountsAsync("results")).TotalMessageCount);
    }

    [Fact]
    public async Task CallersSideBySideShareThem()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await SendResultsAsync(broker, 300);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => producer.GetAsync("/results?max=1000")));

        Assert.Equal(Enumerable.Range(0, 300), answers.SelectMany(answer => answer.AsArray()).Select(result => int.Parse(IdOf(result))).Order());
    }

    [Fact]
    public async Task WithoutResults_AnswersWithAnEmptyArray()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        Assert.Equal("[]", (await producer.GetAsync("/results")).ToJsonString());
    }

    [Fact]
    public async Task AResultIsHandedOutAsTheWorkerWroteIt()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await using var sender = broker.Client.CreateSender("results");
        await sender.SendMessageAsync(new ServiceBusMessage("""{"id":"a","output":{"text":"\u00e9\n"},"extra":1}""") { MessageId = "a" });

        Assert.Equal("""[{"id":"a","output":{"text":"\u00e9\n"},"extra":1}]""", await producer.Http.GetStringAsync("/results"));
    }

    [Fact]
    public async Task WhatIsNoResultIsDeadLettered()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await using var sender = broker.Client.CreateSender("results");
        await sender.SendMessageAsync(new ServiceBusMessage("nonsense") { MessageId = "b" });
        await SendResultsAsync(broker, 1);

        Assert.Equal("0", IdOf(Assert.Single((await producer.GetAsync("/results")).AsArray())));
        Assert.Equal("NotAResult", Assert.Single(await broker.PeekAsync(SubQueue.DeadLetter, "results")).DeadLetterReason);
    }

    [Fact]
    public async Task ACallerWhoGoesAwayLosesNothing()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker, "--Producer:ResultsWait=00:00:10");
        using var impatient = new CancellationTokenSource();
        var waiting = producer.Http.GetAsync("/results", impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await SendResultsAsync(broker, 1);

        Assert.Equal("0", IdOf(Assert.Single((await producer.GetAsync("/results")).AsArray())));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    public async Task MaxHasARange(string max)
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var response = await producer.Http.GetAsync($"/results?max={max}");

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    private static string IdOf(JsonNode? result) => result!["id"]!.GetValue<string>();

    private static async Task SendResultsAsync(JobsBroker broker, int count)
    {
        await using var sender = broker.Client.CreateSender("results");
        await sender.SendMessagesAsync(Enumerable.Range(0, count).Select(
            number => new ServiceBusMessage($$"""{"output":{},"task":"wordcount","id":"{{number}}"}""") { MessageId = $"{number}" }));
    }
}
