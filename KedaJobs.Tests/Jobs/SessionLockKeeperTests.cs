using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Receiving;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Jobs;

public class SessionLockKeeperTests
{
    public static TheoryData<Exception> Losses => new(
        new ServiceBusException("lost", ServiceBusFailureReason.SessionLockLost),
        new ObjectDisposedException("the client closed the receiver"));

    public static TheoryData<Exception> Troubles => new(
        new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem),
        new TaskCanceledException("the connection was closed"));

    private readonly FakeTimeProvider _time = new();
    private readonly FakeSession _session;

    public SessionLockKeeperTests() => _session = new FakeSession("a", _time.GetUtcNow() + TimeSpan.FromSeconds(60));

    [Fact]
    public async Task Renews_the_session_when_half_of_its_lock_is_over_and_goes_on()
    {
        await using var keeper = Start();
        await using var message = keeper.ForMessage(TimeSpan.FromMinutes(10));

        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Empty(_session.Calls);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await Eventually.SucceedsAsync("the lock is renewed", () => Assert.Equal(["renew"], _session.Calls));
        _time.Advance(TimeSpan.FromSeconds(15));

        await Eventually.SucceedsAsync("the lock is renewed again", () => Assert.Equal(["renew", "renew"], _session.Calls));
        Assert.False(message.Ended.IsCancellationRequested);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_lost_session_ends_its_message(Exception loss)
    {
        _session.Failures["renew"] = loss;
        await using var keeper = Start();
        await using var message = keeper.ForMessage(TimeSpan.FromMinutes(10));

        _time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.SucceedsAsync("the loss is told", () => Assert.True(message.Ended.IsCancellationRequested));
        Assert.Equal((true, true, false), (keeper.IsLost, message.IsLost, message.IsOverdue));
        await using var next = keeper.ForMessage(TimeSpan.FromMinutes(10));
        Assert.True(next.Ended.IsCancellationRequested);
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task A_lock_that_may_still_hold_is_tried_again_soon(Exception trouble)
    {
        _session.Failures["renew"] = trouble;
        await using var keeper = Start();

        _time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.SucceedsAsync("the first try", () => Assert.Single(_session.Calls));
        _session.Failures.Clear();
        await Eventually.SucceedsAsync("the second try", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_session.Calls.Count >= 2);
        });

        Assert.False(keeper.IsLost);
        Assert.False(keeper.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_message_that_takes_too_long_does_not_end_its_session()
    {
        await using var keeper = Start();
        await using (var message = keeper.ForMessage(TimeSpan.FromSeconds(20)))
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            await Eventually.SucceedsAsync("the end is told", () => Assert.True(message.Ended.IsCancellationRequested));
            Assert.Equal((true, false), (message.IsOverdue, message.IsLost));
        }

        _time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.SucceedsAsync("the session is renewed", () => Assert.Equal(["renew"], _session.Calls));
        Assert.False(keeper.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_message_may_take_longer_than_any_timer()
    {
        await using var keeper = SessionLockKeeper.Start(_session, TimeProvider.System, NullLogger.Instance);

        await using var message = keeper.ForMessage(TimeSpan.FromDays(1_000));

        Assert.False(message.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_message_that_is_done_hears_nothing_of_its_session()
    {
        _session.Failures["renew"] = new ServiceBusException("lost", ServiceBusFailureReason.SessionLockLost);
        await using var keeper = Start();
        var message = keeper.ForMessage(TimeSpan.FromSeconds(20));
        await message.DisposeAsync();

        _time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.SucceedsAsync("the loss is told", () => Assert.True(keeper.Ended.IsCancellationRequested));
        Assert.False(message.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_closed_session_is_not_renewed()
    {
        await Start().DisposeAsync();

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Empty(_session.Calls);
    }

    private SessionLockKeeper Start() => SessionLockKeeper.Start(_session, _time, NullLogger.Instance);
}
