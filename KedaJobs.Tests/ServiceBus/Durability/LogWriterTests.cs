using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Durability;

public sealed class LogWriterTests
{
    private static readonly QueueOptions Jobs = new() { Name = "jobs" };

    [Fact]
    public async Task Nobody_is_told_before_the_flush_and_then_all_in_order()
    {
        await using var queue = new DurableQueue(queues: Jobs);
        await queue.Log.Gate.WaitAsync();
        queue.Disk.FlushAllowed.Reset();
        List<int> told = [];
        for (var index = 0; index < 5; index++)
        {
            queue.Send($"{index}");
            queue.Log.Gate.Run(new Listener(told, index));
        }

        Assert.Empty(told);
        var last = queue.Log.Gate.WaitAsync();
        Assert.False(last.IsCompleted);
        queue.Disk.FlushAllowed.Set();
        await Eventually.InTimeAsync("the flush", Wait(last));
        Assert.Equal([0, 1, 2, 3, 4], told);
    }

    [Fact]
    public async Task What_gathers_during_a_flush_takes_one_more()
    {
        await using var queue = new DurableQueue(queues: Jobs);
        await queue.Log.Gate.WaitAsync();
        queue.Disk.FlushAllowed.Reset();
        var before = queue.Disk.Flushes;
        queue.Send("first");
        var first = queue.Log.Gate.WaitAsync();
        await Eventually.SucceedsAsync("the first message is being flushed", () => Assert.True(queue.Disk.IsFlushing));
        List<Task> others = [];
        for (var index = 0; index < 100; index++)
        {
            queue.Send($"{index}");
            others.Add(queue.Log.Gate.WaitAsync());
        }

        queue.Disk.FlushAllowed.Set();
        await Eventually.InTimeAsync("all flushes", Wait(Task.WhenAll([first, .. others])));
        Assert.Equal(before + 2, queue.Disk.Flushes);
    }

    [Fact]
    public async Task What_nobody_waits_for_is_written_but_not_flushed()
    {
        await using var queue = new DurableQueue(queues: Jobs);
        await queue.Log.Gate.WaitAsync();
        var before = (queue.Disk.Flushes, Length: queue.Disk.LengthOf(1));
        queue.Send("a");
        await Eventually.SucceedsAsync("it is written", () => Assert.True(queue.Disk.LengthOf(1) > before.Length));
        Assert.Equal(before.Flushes, queue.Disk.Flushes);
    }

    [Fact]
    public async Task After_a_failed_write_nobody_is_told_that_anything_is_safe()
    {
        await using var queue = new DurableQueue(queues: Jobs);
        queue.Send("kept");
        await queue.Log.Gate.WaitAsync();
        queue.Disk.Failure = new IOException("No space left on device");
        queue.Send("lost");
        await Assert.ThrowsAsync<CommitFailedException>(() => Eventually.InTimeAsync("an answer", Wait(queue.Log.Gate.WaitAsync())));
        Assert.Same(queue.Disk.Failure, await Eventually.InTimeAsync("the reason", queue.Log.Failure));

        // The disk is well again, but what is on it nobody knows: only a new start does.
        queue.Disk.Failure = null;
        queue.Send("lost too");
        await Assert.ThrowsAsync<CommitFailedException>(queue.Log.Gate.WaitAsync);
        await using var restarted = new DurableQueue(new MemorySegments(queue.Disk.Copy()));
        Assert.Equal("kept", Assert.Single(restarted.Queue.Messages).Content.MessageId);
    }

    [Fact]
    public async Task Whoever_waits_is_told_before_the_broker_begins_to_stop()
    {
        await using var queue = new DurableQueue(queues: Jobs);
        await queue.Log.Gate.WaitAsync();
        queue.Disk.FlushAllowed.Reset();
        queue.Send("lost");
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Log.Gate.Run(new RefusedListener(() => told.SetResult(queue.Log.Failure.IsCompleted)));
        await Eventually.SucceedsAsync("the message is being flushed", () => Assert.True(queue.Disk.IsFlushing));
        queue.Disk.Failure = new IOException("Input/output error");

        queue.Disk.FlushAllowed.Set();

        Assert.False(await Eventually.InTimeAsync("an answer", told.Task), "the broker was stopping already");
        await Eventually.InTimeAsync("the reason", queue.Log.Failure);
    }

    [Fact]
    public async Task After_the_stop_nobody_is_told_that_anything_is_safe()
    {
        var queue = new DurableQueue(queues: Jobs);
        await queue.DisposeAsync();
        queue.Send("late");
        await Assert.ThrowsAsync<CommitFailedException>(queue.Log.Gate.WaitAsync);
    }

    [Fact]
    public async Task A_listener_that_throws_does_not_keep_the_others_from_being_told()
    {
        await using var queue = new DurableQueue(queues: Jobs);
        await queue.Log.Gate.WaitAsync();
        queue.Disk.FlushAllowed.Reset();
        queue.Send("a");
        queue.Log.Gate.Run(new Listener(null!, 0));
        var next = queue.Log.Gate.WaitAsync();
        queue.Disk.FlushAllowed.Set();
        await Eventually.InTimeAsync("the next listener is told", Wait(next));
    }

    private static async Task<bool> Wait(Task task)
    {
        await task;
        return true;
    }

    private sealed class RefusedListener(Action onFailed) : ICommitWaiter
    {
        public void OnCommitted() => throw new InvalidOperationException("It must fail.");

        public void OnCommitFailed() => onFailed();
    }

    private sealed class Listener(List<int> told, int number) : ICommitWaiter
    {
        public void OnCommitted() => told.Add(number);

        public void OnCommitFailed() => throw new InvalidOperationException("It must not fail.");
    }
}
