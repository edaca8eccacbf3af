using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Xunit.Abstractions;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>
/// kill -9 of executions at any moment of their work, round after round, while jobs come in that fail by themselves, too.
/// </summary>
[Collection(AppHostCollection.Name)]
public sealed class ExecutionKillTests(AppHostFixture fixture, ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>How many rounds to run; more than the usual few by hand.</summary>
    private const string RoundsVariable = "KEDAJOBS_EXECUTION_KILL_ROUNDS";

    private const int JobsPerRound = 100;

    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable(RoundsVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds)
            ? rounds
            : 3;

    private readonly List<string> _results = [];
    private int _repeated;

    public Task InitializeAsync() => fixture.SettleAsync();

    public async Task DisposeAsync()
    {
        await fixture.IdleAsync();
        await TakeDeadLettersAsync();
    }

    [LinuxFact]
    public async Task Every_job_ends_once_as_a_result_or_as_a_dead_letter_and_no_process_is_left()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (jobs, doomed, kills) = (new List<string>(), new List<string>(), 0);
        using var delays = new MetricCollector<double>(
            fixture.App.Services.GetRequiredService<IMeterFactory>(), "KedaJobs.Scaling", "kedajobs.start.delay");
        await using var client = new ServiceBusClient(await fixture.App.GetConnectionStringAsync("messaging"));
        await using var sender = client.CreateSender("jobs");
        for (var round = 0; round < Rounds; round++)
        {
            // What nobody can read stands between the others.
            var poison = Enumerable.Range(0, 2).Select(number => $"{round}-poison-{number}").ToList();
            var work = Enumerable.Range(0, JobsPerRound - poison.Count).Select(number => Job(round, number, random)).ToList();
            await sender.SendMessagesAsync(poison.Select(id => new ServiceBusMessage("no job at all") { MessageId = id }));
            await fixture.Producer.PostAsync(new JsonArray([.. work.Select(job => job.Json)]));
            jobs.AddRange([.. poison, .. work.Select(job => job.Id)]);
            doomed.AddRange([.. poison, .. work.Where(job => job.IsDoomed).Select(job => job.Id)]);

            kills += await KillAsync(random);
            await TakeResultsAsync();
        }

        // Not only until the queue is empty: retries wait where no poll counts them.
        await Eventually.SucceedsAsync(
            "every job has ended",
            async () =>
            {
                await TakeResultsAsync();
                Assert.Equal(jobs.Count, _results.Count + (await fixture.Producer.CountsAsync()).DeadLetter);
            },
            AppHostFixture.Patience + TimeSpan.FromSeconds(10 * Rounds));
        await fixture.IdleAsync();
        Assert.Equal(0, await TakeResultsAsync());
        var letters = await TakeDeadLettersAsync();

        var unlucky = letters.Keys.Except(doomed).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Rounds} rounds, {jobs.Count} jobs, {kills} executions killed; {_results.Count} results, {_repeated} of them not at the "
                + $"first delivery; {letters.Count} dead letters, {unlucky.Count} of them for their killed executions"));
        var starts = delays.GetMeasurementSnapshot().Select(delay => delay.Value * 1_000).Order().ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{starts.Count} starts by polls; from the count's arrival to the process: median {starts[starts.Count / 2]:0.0} ms, "
                + $"95 % within {starts[starts.Count * 95 / 100]:0.0} ms"));
        Assert.Equal(jobs.Order(), _results.Concat(letters.Keys).Order());
        Assert.Empty(doomed.Except(letters.Keys));
        Assert.All(unlucky, id => Assert.Equal("MaxDeliveryCountExceeded", letters[id]));
        Assert.Equal((0, 0), await fixture.Producer.CountsAsync());
        var connection = (await fixture.App.GetConnectionStringAsync("jobs"))!;
        await Eventually.SucceedsAsync("no worker process is left", () => Assert.Equal(0, WorkerProcesses.Count(connection)));
        Assert.True(kills >= Rounds && _repeated > Rounds, "Hardly anything was killed or failed: the test tests nothing.");
    }

    /// <summary>Mostly work that succeeds, some of it at a later delivery; some that never does.</summary>
    private static (string Id, bool IsDoomed, JsonObject Json) Job(int round, int number, Random random)
    {
        var id = $"{round}-{number}";
        var (task, input, isDoomed) = number switch
        {
            < 4 => ("fail", new JsonObject { ["permanent"] = true }, true),
            < 8 => ("fail", [], true),
            < 20 => ("fail", new JsonObject { ["times"] = random.Next(1, 3) }, false),
            < 45 => ("delay", new JsonObject { ["seconds"] = Math.Round(random.NextDouble() * 0.5, 3) }, false),
            _ => ("wordcount", new JsonObject { ["text"] = $"the text of {id}" }, false),
        };
        return (id, isDoomed, new() { ["id"] = id, ["task"] = task, ["input"] = input });
    }

    /// <summary>Kills up to three executions, or all, at some moment after the round's jobs have come.</summary>
    /// <returns>How many.</returns>
    private async Task<int> KillAsync(Random random)
    {
        // A moment without a clock: so many changes after something runs.
        var changes = random.Next(12);
        var running = await fixture.UntilAsync(
            "an execution to kill", snapshot => snapshot.Executions.Any(execution => !execution.ProcessIds.IsEmpty) && changes-- <= 0);
        var victims = random.Next(5) == 0 ? int.MaxValue : random.Next(1, 4);
        var killed = 0;
        foreach (var processId in running.Executions.SelectMany(execution => execution.ProcessIds).Take(victims))
        {
            try
            {
                using var process = Process.GetProcessById(processId);
                process.Kill();
                killed++;
            }
            catch (ArgumentException)
            {
                // It has ended by itself in the meantime.
            }
        }

        return killed;
    }

    private async Task<int> TakeResultsAsync()
    {
        var results = await fixture.Producer.TakeResultsAsync();
        _results.AddRange(results.Select(ProducerClient.IdOf));
        _repeated += results.Count(result => result["attempt"]!.GetValue<int>() > 1);
        return results.Count;
    }

    /// <summary>Takes all dead letters off their queue: their reasons by their ids, each of which may come once.</summary>
    private async Task<Dictionary<string, string>> TakeDeadLettersAsync()
    {
        await using var client = new ServiceBusClient(await fixture.App.GetConnectionStringAsync("messaging"));
        await using var receiver = client.CreateReceiver(
            "jobs", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter, ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        var letters = new Dictionary<string, string>();
        while ((await fixture.Producer.CountsAsync()).DeadLetter > 0)
        {
            foreach (var letter in await receiver.ReceiveMessagesAsync(500, TimeSpan.FromSeconds(1)))
            {
                letters.Add(letter.MessageId, letter.DeadLetterReason);
            }
        }

        return letters;
    }
}
