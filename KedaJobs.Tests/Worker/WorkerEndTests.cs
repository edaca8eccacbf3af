using System.Runtime.Versioning;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Worker;

/// <summary>Executions that end otherwise than by an empty queue.</summary>
public sealed class WorkerEndTests
{
    private const string NoRetries = "QueueJob__ClientRetries";

    [Fact]
    public async Task Killed_loses_nothing()
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { LockDuration = TimeSpan.FromSeconds(5) });
        await broker.SendAsync([.. Enumerable.Range(0, 6).Select(number => JobsBroker.Job($"{number}", "delay", """{"seconds":1}"""))]);
        await using var victim = WorkerProcess.Start(broker);
        await victim.SeesAsync("begins, attempt 1");

        victim.Kill();
        Assert.NotEqual(0, await victim.ExitAsync());

        // Long enough for the locks of the dead to expire.
        await using var worker = WorkerProcess.Start(broker, ("QueueJob__IdleTime", "00:00:06"));
        await worker.SucceedsAsync();
        var results = await broker.TakeResultsAsync(6);
        Assert.Equal(["0", "1", "2", "3", "4", "5"], results.Select(result => result.Id).Order());
        Assert.Contains(results, result => result.Attempt == 2);
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Told_to_stop_finishes_what_is_in_hand_and_takes_nothing_new()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync([.. Enumerable.Range(0, 5).Select(number => JobsBroker.Job($"{number}", "delay", """{"seconds":2}"""))]);
        await using var worker = WorkerProcess.Start(broker, ("QueueJob__Concurrency", "2"));
        await worker.SeesAsync("Job 1 (delay) begins");

        worker.Terminate();
        await worker.SucceedsAsync();

        Assert.Equal(["0", "1"], (await broker.TakeResultsAsync(2)).Select(result => result.Id).Order());
        Assert.Equal(3, (await broker.CountsAsync()).ActiveMessageCount);
        Assert.All(await broker.PeekAsync(), message => Assert.Equal(0, message.DeliveryCount));
        Assert.Contains("Stopped. Messages received: 2.", worker.Output, StringComparison.Ordinal);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Told_to_stop_gives_back_what_takes_too_long()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(JobsBroker.Job("a", "delay", """{"seconds":600}"""));
        await using var worker = WorkerProcess.Start(broker, ("QueueJob__ShutdownGrace", "00:00:01"));
        await worker.SeesAsync("begins");

        worker.Terminate();
        await worker.SucceedsAsync();

        // The lock lasts a minute: only a message that was given back can be had now.
        await using var receiver = broker.Client.CreateReceiver("jobs");
        var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(("a", 2), (message?.MessageId, message?.DeliveryCount));
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Told_to_stop_without_grace_gives_back_at_once()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(JobsBroker.Job("a", "primes", """{"upTo":2000000000}"""));
        await using var worker = WorkerProcess.Start(broker, ("QueueJob__ShutdownGrace", "00:00:00"));
        await worker.SeesAsync("begins");

        worker.Terminate();
        await worker.SucceedsAsync();

        Assert.Equal(1, (await broker.CountsAsync()).ActiveMessageCount);
        Assert.Contains("GraceOver", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_broker_fails()
    {
        var broker = await JobsBroker.StartAsync();
        await broker.DisposeAsync();

        await using var worker = WorkerProcess.Start(broker, (NoRetries, "0"));

        Assert.Equal(1, await worker.ExitAsync());
        Assert.Contains("failed after receiving 0 messages", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_broker_goes_away_fails()
    {
        var broker = await JobsBroker.StartAsync();
        await using var worker = WorkerProcess.Start(broker, (NoRetries, "0"), ("QueueJob__IdleTime", "00:05:00"));
        await worker.SeesAsync("receives from");

        await broker.DisposeAsync();

        Assert.Equal(1, await worker.ExitAsync());
    }

    [Theory]
    [InlineData("QueueJob__Concurrency", "0", "QueueJob:Concurrency is 0, but must be from 1 to 1000.")]
    [InlineData(
        "QueueJob__TimeBudget", "01:00:00",
        "QueueJob:TimeBudget is 01:00:00, but must be greater than zero and less than the replica timeout (00:30:00).")]
    [InlineData(
        "QueueJob__IdleTime", "soon", "Failed to convert configuration value 'soon' at 'QueueJob:IdleTime' to type 'System.TimeSpan'.")]
    [InlineData("ConnectionStrings__jobs", "Endpoint=sb://localhost;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true",
        "The connection string 'jobs' names no queue. Let the AppHost reference the queue instead of its namespace, "
            + "or add ';EntityPath=QUEUE' to it.")]
    [InlineData("ConnectionStrings__results", "",
        "There is no connection string 'results'. Start through the AppHost (dotnet run --project KedaJobs.AppHost), "
            + "or set ConnectionStrings__results.")]
    public async Task WithWrongSettings_SaysInOneLineWhatToChange(string name, string value, string expected)
    {
        const string connection = "Endpoint=sb://localhost;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;EntityPath=";
        await using var worker = WorkerProcess.Start(
            ("ConnectionStrings__jobs", connection + "jobs"), ("ConnectionStrings__results", connection + "results"), (name, value));

        Assert.Equal(2, await worker.ExitAsync());
        Assert.Equal(expected, worker.Output);
    }
}
