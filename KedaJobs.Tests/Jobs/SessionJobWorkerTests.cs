using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Jobs;

/// <summary>The pump on a queue that requires sessions.</summary>
public sealed class SessionJobWorkerTests : IDisposable
{
    private readonly WorkerHarness _harness = new();

    public SessionJobWorkerTests()
    {
        _harness.Options.RequiresSession = true;
        _harness.Options.SessionIdleTime = TimeSpan.FromMilliseconds(1);
    }

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Handles_the_messages_of_a_session_one_after_the_other_and_closes_it()
    {
        var session = Accepts("a", 3);
        var now = 0;
        var most = 0;

        await RunAsync(async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
        });

        Assert.Null(_harness.Failure);
        Assert.Equal((0, 1), (_harness.Run.ExitCode, most));
        Assert.Equal(["complete", "complete", "complete", "close"], session.Calls);
        Assert.Equal(3, _harness.Queue.Sent.Count);
    }

    [Fact]
    public async Task Holds_as_many_sessions_at_once_as_it_may()
    {
        _harness.Options.Concurrency = 3;
        FakeSession[] sessions = [Accepts("a", 2), Accepts("b", 2), Accepts("c", 2), Accepts("d", 2), Accepts("e", 2), Accepts("f", 2)];
        var now = 0;
        var seen = new ConcurrentBag<int>();

        await RunAsync(async _ =>
        {
            seen.Add(Interlocked.Increment(ref now));
            await Eventually.SucceedsAsync("three are at work", () => Assert.Contains(3, seen));
            Interlocked.Decrement(ref now);
        });

        Assert.Equal(3, seen.Max());
        Assert.All(sessions, session => Assert.Equal(["complete", "complete", "close"], session.Calls));
    }

    [Fact]
    public async Task A_queue_that_refuses_a_receiver_without_session_is_received_from_by_session()
    {
        _harness.Options.RequiresSession = false;
        _harness.Queue.Gives.Enqueue(() => throw new InvalidOperationException("It is not possible to do without a session."));
        var session = Accepts("a", 2);

        await RunAsync();

        Assert.Equal(0, _harness.Run.ExitCode);
        Assert.Equal(["complete", "complete", "close"], session.Calls);
    }

    [Fact]
    public async Task A_queue_that_refuses_both_says_why_it_refused_first()
    {
        _harness.Options.RequiresSession = false;
        _harness.Queue.Gives.Enqueue(() => throw new InvalidOperationException("It forwards its messages."));
        _harness.Queue.Sessions.Enqueue(_ => throw new InvalidOperationException("It has no sessions."));

        await RunAsync();

        Assert.Equal((1, "It forwards its messages."), (_harness.Run.ExitCode, _harness.Failure?.Message));
    }

    [Fact]
    public async Task A_failed_settlement_leaves_the_session_so_that_nothing_overtakes()
    {
        var session = Accepts("a", 3);
        session.Failures["complete"] = new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem);

        await RunAsync();

        Assert.Equal(0, _harness.Run.ExitCode);
        Assert.Equal(["complete", "close"], session.Calls);
    }

    [Fact]
    public async Task A_session_that_is_lost_while_it_is_asked_does_not_fail_the_execution()
    {
        var lost = Accepts("a", 1);
        lost.Failures["receive"] = new ServiceBusException("lost", ServiceBusFailureReason.SessionLockLost);
        var other = Accepts("b", 1);

        await RunAsync();

        Assert.Equal(0, _harness.Run.ExitCode);
        Assert.Equal(["close"], lost.Calls);
        Assert.Equal(["complete", "close"], other.Calls);
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_fails_the_execution_and_lets_the_others_finish()
    {
        var work = new TaskCompletionSource();
        var other = Accepts("b", 1);
        var broken = Accepts("a", 1);
        broken.Failures["receive"] = new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem);
        using var worker = _harness.Worker(_ => work.Task);
        await worker.StartAsync(default);
        await Eventually.SucceedsAsync("the failure is met", () => Assert.Equal(["close"], broken.Calls));
        Assert.False(_harness.Stopped.IsCompleted);

        work.SetResult();
        await Eventually.InTimeAsync("the process is told to end", _harness.Stopped);

        Assert.Equal((1, "away"), (_harness.Run.ExitCode, _harness.Failure?.Message.Split(' ')[0]));
        Assert.Equal(["complete", "close"], other.Calls);
    }

    [Fact]
    public async Task A_queue_that_cannot_be_reached_is_no_empty_one()
    {
        _harness.Queue.Reached = Task.FromException(new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem));

        await RunAsync();

        Assert.Equal(1, _harness.Run.ExitCode);
    }

    [Fact]
    public async Task The_idle_time_begins_when_the_queue_can_be_asked()
    {
        var time = new FakeTimeProvider();
        _harness.Time = time;
        var session = new FakeSession("a").Give(FakeQueue.Body(JobTasks.Delay, """{"seconds":1}"""));
        var asked = new TaskCompletionSource<bool>();
        var connected = new TaskCompletionSource();
        _harness.Queue.Reached = connected.Task;
        _harness.Queue.Sessions.Enqueue(async cancellationToken =>
        {
            asked.SetResult(true);
            await connected.Task.WaitAsync(cancellationToken);
            return session;
        });
        using var worker = _harness.Worker(_ => Task.CompletedTask);
        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the queue is asked", asked.Task);

        // Far longer than the idle time, and less than the time budget.
        foreach (var _ in Enumerable.Range(0, 100))
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        connected.SetResult();

        await Eventually.SucceedsAsync("the session is handled", () => Assert.Equal(["complete", "close"], session.Calls));
        await Eventually.SucceedsAsync("the process is told to end", () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_harness.Stopped.IsCompleted);
        });
        Assert.Equal(0, _harness.Run.ExitCode);
    }

    [Fact]
    public async Task A_session_that_gives_nothing_does_not_keep_the_execution()
    {
        _harness.Options.Concurrency = 1;
        foreach (var _ in Enumerable.Range(0, 1_000))
        {
            Accepts("empty", 0);
        }

        await RunAsync();

        Assert.Equal(0, _harness.Run.ExitCode);
        Assert.NotEmpty(_harness.Queue.Sessions);
    }

    [Fact]
    public async Task The_message_budget_is_shared_by_the_sessions()
    {
        _harness.Options.MessageBudget = 3;
        FakeSession[] sessions = [Accepts("a", 2), Accepts("b", 2), Accepts("c", 2)];

        await RunAsync();

        Assert.Equal(3, _harness.Queue.Sent.Count);
        Assert.Equal(3, sessions.Sum(session => session.Calls.Count(call => call == "complete")));
        Assert.All(sessions, session => Assert.True(session.IsClosed || session.Calls.IsEmpty));
    }

    [Fact]
    public async Task A_session_that_gives_nothing_uses_up_no_budget_and_hides_no_other()
    {
        (_harness.Options.MessageBudget, _harness.Options.Concurrency) = (1, 1);
        Accepts("empty", 0);
        var session = Accepts("a", 2);

        await RunAsync();

        Assert.Equal(["complete", "close"], session.Calls);
    }

    [Fact]
    public async Task Told_to_stop_closes_the_session_of_a_handler_that_does_not_listen()
    {
        _harness.Options.ShutdownGrace = TimeSpan.FromMilliseconds(1);
        var session = Accepts("a", 2);
        var begun = new TaskCompletionSource<bool>();
        using var worker = _harness.Worker(_ =>
        {
            begun.SetResult(true);
            return new TaskCompletionSource().Task;
        });
        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the handler begins", begun.Task);

        await worker.StopAsync(default);

        Assert.Equal(0, _harness.Run.ExitCode);
        Assert.Equal(["close"], session.Calls);
    }

    [Fact]
    public async Task Told_to_stop_gives_a_cancelled_message_back_by_closing_its_session()
    {
        _harness.Options.ShutdownGrace = TimeSpan.FromMilliseconds(1);
        var session = Accepts("a", 2);
        var begun = new TaskCompletionSource<bool>();
        using var worker = _harness.Worker(async cancellationToken =>
        {
            begun.SetResult(true);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        });
        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the handler begins", begun.Task);

        await worker.StopAsync(default);

        Assert.Equal(["close"], session.Calls);
    }

    private FakeSession Accepts(string id, int messages)
    {
        var session = new FakeSession(id).Give([.. Enumerable.Repeat(FakeQueue.Body(JobTasks.Delay, """{"seconds":1}"""), messages)]);
        _harness.Queue.Sessions.Enqueue(_ => Task.FromResult<ServiceBusSessionReceiver>(session));
        return session;
    }

    private async Task RunAsync(Func<CancellationToken, Task>? handle = null)
    {
        using var worker = _harness.Worker(handle ?? (_ => Task.CompletedTask));
        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the process is told to end", _harness.Stopped);
    }
}
