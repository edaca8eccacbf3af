using System.Net;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Producer;

public sealed class ResultsTests
{
    [Fact]
    public async Task Each_result_is_taken_once()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await SendResultsAsync(broker, 250);

        var taken = new List<string>();
        for (var count = -1; count != 0;)
        {
            var results = (await TakeAsync(producer, "?max=100")).AsArray();
            Assert.InRange(results.Count, 0, 100);
            taken.AddRange(results.Select(IdOf));
            count = results.Count;
        }

        Assert.Equal(Enumerable.Range(0, 250), taken.Select(int.Parse).Order());
        Assert.Equal(0, (await broker.CountsAsync("results")).TotalMessageCount);
    }

    [Fact]
    public async Task Callers_side_by_side_share_them()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await SendResultsAsync(broker, 300);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TakeAsync(producer, "?max=1000")));

        Assert.Equal(
            Enumerable.Range(0, 300), answers.SelectMany(answer => answer.AsArray()).Select(result => int.Parse(IdOf(result))).Order());
    }

    [Fact]
    public async Task Without_results_answers_with_an_empty_array()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        Assert.Equal("[]", (await TakeAsync(producer)).ToJsonString());
    }

    [Fact]
    public async Task A_result_is_handed_out_as_the_worker_wrote_it()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await using var sender = broker.Client.CreateSender("results");
        await sender.SendMessageAsync(new ServiceBusMessage("""{"id":"a","output":{"text":"\u00e9\n"},"extra":1}""") { MessageId = "a" });

        Assert.Equal("""[{"id":"a","output":{"text":"\u00e9\n"},"extra":1}]""", await producer.Http.GetStringAsync("/results"));
        Assert.Equal(
            """[{"id":"a","output":{"text":"\u00e9\n"},"extra":1}]""",
            await (await producer.Http.PostAsync("/results/take", null)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_is_no_result_is_dead_lettered()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await using var sender = broker.Client.CreateSender("results");
        await sender.SendMessageAsync(new ServiceBusMessage("nonsense") { MessageId = "b" });
        await SendResultsAsync(broker, 1);

        Assert.Equal("0", IdOf(Assert.Single((await TakeAsync(producer)).AsArray())));
        Assert.Equal("NotAResult", Assert.Single(await broker.PeekAsync(SubQueue.DeadLetter, "results")).DeadLetterReason);
    }

    [Fact]
    public async Task Looking_at_results_leaves_them_there()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        await SendResultsAsync(broker, 30);
        await using var sender = broker.Client.CreateSender("results");
        await sender.SendMessageAsync(new ServiceBusMessage("nonsense") { MessageId = "b" });

        for (var look = 0; look < 2; look++)
        {
            Assert.Equal(
                Enumerable.Range(0, 30).Select(number => $"{number}"), (await producer.GetAsync("/results")).AsArray().Select(IdOf));
            Assert.Equal(
                Enumerable.Range(0, 7).Select(number => $"{number}"), (await producer.GetAsync("/results?max=7")).AsArray().Select(IdOf));
        }

        Assert.All(await broker.PeekAsync(queue: "results"), message => Assert.Equal(0, message.DeliveryCount));
    }

    [Fact]
    public async Task A_call_that_is_aborted_while_it_waits_loses_nothing()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker, "--Producer:ResultsWait=00:00:10");
        using var impatient = new CancellationTokenSource();
        var waiting = producer.Http.PostAsync("/results/take", null, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await SendResultsAsync(broker, 1);

        Assert.Equal("0", IdOf(Assert.Single((await TakeAsync(producer)).AsArray())));
    }

    [Fact]
    public async Task Aborted_calls_wear_out_no_deliveries()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(
            broker.JobsConnection, broker.ResultsConnection, services => services.AddSingleton<IStartupFilter, AbortingCaller>());
        await SendResultsAsync(broker, 3);

        // More often than the queue delivers a message.
        for (var attempt = 0; attempt < 15; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/results/take");
            request.Headers.Add(AbortingCaller.Header, "");
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => producer.Http.SendAsync(request));
            await Eventually.SucceedsAsync("the results are back", async () =>
                Assert.Equal(
                    (3, 0),
                    ((await broker.CountsAsync("results")).ActiveMessageCount, (await broker.PeekAsync(queue: "results"))
                        .Max(message => message.DeliveryCount))));
        }

        Assert.Equal(["0", "1", "2"], (await TakeAsync(producer)).AsArray().Select(IdOf).Order());
        Assert.Empty(await broker.PeekAsync(SubQueue.DeadLetter, "results"));
    }

    [Fact]
    public async Task Without_the_right_to_send_aborted_calls_lose_nothing_either()
    {
        await using var broker = await JobsBroker.StartAsync(rules:
        [
            new SharedAccessRule { Name = "all", Key = "secret", Rights = AccessRights.Send | AccessRights.Listen | AccessRights.Manage },
            new SharedAccessRule { Name = "reader", Key = "secret", Rights = AccessRights.Listen },
        ]);
        await using var producer = await ProducerServer.StartAsync(
            broker.JobsConnection,
            broker.ResultsConnection.Replace("SharedAccessKeyName=all", "SharedAccessKeyName=reader", StringComparison.Ordinal),
            services => services.AddSingleton<IStartupFilter, AbortingCaller>());
        await SendResultsAsync(broker, 1);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/results/take");
        request.Headers.Add(AbortingCaller.Header, "");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => producer.Http.SendAsync(request));

        await Eventually.SucceedsAsync("the result is abandoned", async () =>
            Assert.Equal(1, Assert.Single(await broker.PeekAsync(queue: "results")).DeliveryCount));
        Assert.Equal("0", IdOf(Assert.Single((await TakeAsync(producer)).AsArray())));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    public async Task Max_has_a_range(string max)
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        foreach (var response in new[]
        {
            await producer.Http.GetAsync($"/results?max={max}"), await producer.Http.PostAsync($"/results/take?max={max}", null)
        })
        {
            Assert.Equal(
                (HttpStatusCode.BadRequest, "application/problem+json"),
                (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        }
    }

    /// <summary>
    /// Aborts requests that ask for it when their response has been written: the results are locked, and nobody has got them.
    /// </summary>
    private sealed class AbortingCaller : IStartupFilter
    {
        public const string Header = "X-Abort";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, following) =>
            {
                if (context.Request.Headers.ContainsKey(Header))
                {
                    context.Response.OnStarting(async () =>
                    {
                        var gone = new TaskCompletionSource();
                        using var registration = context.RequestAborted.Register(gone.SetResult);
                        context.Abort();
                        await gone.Task;
                    });
                }

                await following(context);
            });
            next(app);
        };
    }

    private static async Task<JsonNode> TakeAsync(ProducerServer producer, string query = "") =>
        await ProducerServer.BodyAsync((await producer.Http.PostAsync($"/results/take{query}", null)).EnsureSuccessStatusCode());

    private static string IdOf(JsonNode? result) => result!["id"]!.GetValue<string>();

    private static async Task SendResultsAsync(JobsBroker broker, int count)
    {
        await using var sender = broker.Client.CreateSender("results");
        await sender.SendMessagesAsync(Enumerable.Range(0, count).Select(
            number => new ServiceBusMessage($$"""{"output":{},"task":"wordcount","id":"{{number}}"}""") { MessageId = $"{number}" }));
    }
}
