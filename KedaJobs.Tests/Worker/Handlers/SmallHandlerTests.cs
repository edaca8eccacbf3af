using KedaJobs.Contracts;
using KedaJobs.Jobs;
using KedaJobs.Worker.Handlers;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Worker.Handlers;

public class SmallHandlerTests
{
    [Fact]
    public async Task Delay_waits_as_long_as_asked()
    {
        var time = new FakeTimeProvider();
        var waiting = new DelayHandler(time).HandleAsync(new DelayInput { Seconds = 90.5 }, new JobContext("job", 1), default);

        time.Advance(TimeSpan.FromSeconds(90));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(90.5, (await waiting).Seconds);
    }

    [Fact]
    public async Task Delay_ends_when_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = new DelayHandler(new FakeTimeProvider())
            .HandleAsync(new DelayInput { Seconds = 60 }, new JobContext("job", 1), cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Theory]
    [InlineData(null, 1, false)]
    [InlineData(null, 99, false)]
    [InlineData(2, 1, false)]
    [InlineData(2, 2, false)]
    [InlineData(2, 3, true)]
    public async Task Fail_fails_as_often_as_asked(int? times, int attempt, bool succeeds)
    {
        var input = new FailInput { Message = "no", Times = times };
        var handling = () => new FailHandler().HandleAsync(input, new JobContext("job", attempt), default);

        if (succeeds)
        {
            Assert.Equal(attempt, (await handling()).Attempt);
        }
        else
        {
            Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(handling)).Message);
        }
    }

    [Fact]
    public async Task Fail_says_that_trying_again_is_useless()
    {
        var input = new FailInput { Message = "never", Permanent = true };

        var rejection = await Assert.ThrowsAsync<JobRejectedException>(
            () => new FailHandler().HandleAsync(input, new JobContext("job", 1), default));

        Assert.Equal(("AskedToFail", "never"), (rejection.Reason, rejection.Message));
    }
}
