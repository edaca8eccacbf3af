using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Jobs;

/// <summary>The pump, on a queue without sessions.</summary>
public sealed class QueueJobWorkerTests : IDisposable
{
    private static readonly ServiceBusException Away = new("away", ServiceBusFailureReason.ServiceCommunicationProblem);
    private readonly WorkerHarness _harness = new();

    private FakeQueue Queue => _harness.Queue;

    private string Calls => string.Join(' ', Queue.Calls);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Ends_the_process_when_the_queue_is_drained()
    {
        using var worker = _harness.Worker(_ => Task.CompletedTask);
        Queue.Gives.Enqueue(() => [Message()]);

        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the process is told to end", _harness.Stopped);

        Assert.Equal((0, "send complete close"), (_harness.Run.ExitCode, Calls));
    }

    [Fact]
    public async Task When_the_queue_cannot_be_read_finishes_what_is_in_hand_and_fails()
    {
        var work = new TaskCompletionSource();
        using var worker = _harness.Worker(_ => work.Task);
        Queue.Gives.Enqueue(() => [Message()]);
        Queue.Gives.Enqueue(() => throw Away);

        await worker.StartAsync(default);
        await Eventually.SucceedsAsync("the failure is met", () => Assert.Empty(Queue.Gives));
        Assert.False(_harness.Stopped.IsCompleted);
        work.SetResult();
        await Eventually.InTimeAsync("the process is told to end", _harness.Stopped);

        Assert.Equal((1, "send complete close"), (_harness.Run.ExitCode, Calls));
    }

    [Fact]
    public async Task After_the_grace_gives_back_the_message_of_a_handler_that_does_not_listen()
    {
        _harness.Options.ShutdownGrace = TimeSpan.FromMilliseconds(1);
        var begun = new TaskCompletionSource<bool>();
        using var worker = _harness.Worker(_ =>
        {
            begun.SetResult(true);
            return new TaskCompletionSource().Task;
        });
        Queue.Gives.Enqueue(() => [Message()]);
        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the handler begins", begun.Task);

        await worker.StopAsync(default);

        Assert.Equal((0, "abandon close"), (_harness.Run.ExitCode, Calls));
    }

    [Fact]
    public async Task Handles_as_many_at_once_as_it_may()
    {
        _harness.Options.Concurrency = 3;
        var now = 0;
        var seen = new ConcurrentBag<int>();
        using var worker = _harness.Worker(async _ =>
        {
            seen.Add(Interlocked.Increment(ref now));
            await Eventually.SucceedsAsync("three are at work", () => Assert.Contains(3, seen));
            Interlocked.Decrement(ref now);
        });
        for (var index = 0; index < 6; index++)
        {
            Queue.Gives.Enqueue(() => [Message()]);
        }

        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the process is told to end", _harness.Stopped);

        Assert.Equal((3, 6), (seen.Max(), Queue.Sent.Count));
    }

    private static ServiceBusReceivedMessage Message() => FakeQueue.Message(FakeQueue.Body(JobTasks.Delay, """{"seconds":1}"""));
}
