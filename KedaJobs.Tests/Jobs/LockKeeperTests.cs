using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Receiving;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Jobs;

public class LockKeeperTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeQueue _queue = new();

    [Fact]
    public async Task Renews_when_half_of_the_lock_is_over()
    {
        await using var renewal = await StartAsync(lockFor: 60);

        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Empty(_queue.Calls);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        await Eventually.SucceedsAsync("the lock is renewed", () => Assert.Equal(["renew"], _queue.Calls));
        Assert.False(renewal.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lost_lock_ends_it()
    {
        _queue.Failures["renew"] = new ServiceBusException("lost", ServiceBusFailureReason.MessageLockLost);
        await using var renewal = await StartAsync(lockFor: 60);

        _time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.SucceedsAsync("the loss is told", () => Assert.True(renewal.Ended.IsCancellationRequested));
        Assert.True(renewal.IsLost);
    }

    [Fact]
    public async Task A_lock_that_may_still_hold_is_tried_again_soon()
    {
        _queue.Failures["renew"] = new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem);
        await using var renewal = await StartAsync(lockFor: 60);

        _time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.SucceedsAsync("the first try", () => Assert.Single(_queue.Calls));
        await Eventually.SucceedsAsync("the second try", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_queue.Calls.Count >= 2);
        });

        Assert.False(renewal.IsLost);
    }

    [Fact]
    public async Task A_cancellation_that_is_not_its_own_is_tried_again_soon()
    {
        // What the client throws when its connection ends under a call.
        _queue.Failures["renew"] = new TaskCanceledException("the connection was closed");
        await using var renewal = await StartAsync(lockFor: 60);

        _time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.SucceedsAsync("the first try", () => Assert.Single(_queue.Calls));
        _queue.Failures.Clear();
        await Eventually.SucceedsAsync("the second try", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_queue.Calls.Count >= 2);
        });

        Assert.False(renewal.IsLost);
        Assert.False(renewal.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task After_its_time_it_ends_without_another_renewal()
    {
        await using var renewal = await StartAsync(lockFor: 60, atMost: 20);

        _time.Advance(TimeSpan.FromSeconds(20));

        await Eventually.SucceedsAsync("the end is told", () => Assert.True(renewal.Ended.IsCancellationRequested));
        Assert.Equal((true, false), (renewal.IsOverdue, renewal.IsLost));
        Assert.Empty(_queue.Calls);
    }

    [Fact]
    public async Task A_lock_that_looks_expired_is_renewed_first()
    {
        _queue.Failures["renew"] = new ServiceBusException("lost", ServiceBusFailureReason.MessageLockLost);

        await using var renewal = await StartAsync(lockFor: -1);

        Assert.Equal(["renew"], _queue.Calls);
        Assert.True(renewal.IsLost);
    }

    [Fact]
    public async Task A_done_message_is_not_renewed()
    {
        var renewal = await StartAsync(lockFor: 60);
        await renewal.DisposeAsync();
        await renewal.DisposeAsync();

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Empty(_queue.Calls);
        Assert.False(renewal.Ended.IsCancellationRequested);
    }

    private Task<LockKeeper> StartAsync(double lockFor, double atMost = 600) => LockKeeper.StartAsync(
        _queue,
        FakeQueue.Message("{}", lockedUntil: _time.GetUtcNow() + TimeSpan.FromSeconds(lockFor)),
        TimeSpan.FromSeconds(atMost),
        _time,
        NullLogger.Instance);
}
