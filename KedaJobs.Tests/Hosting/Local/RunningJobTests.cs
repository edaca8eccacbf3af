using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Hosting.Local.Fakes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>The public view of a job, as tests use it.</summary>
public class RunningJobTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Poll_async_is_one_step_also_while_paused()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();
        harness.Public.PauseScaling();
        harness.Queue.Counts = new(12, 0);
        await harness.PollAsync();
        Assert.Empty(harness.Starter.Replicas);

        var step = await harness.Public.PollAsync();

        Assert.Equal((3L, 12L, true), (step.Polls, step.QueueLength, step.IsPaused));
        Assert.Equal(3, step.LastStart);
        Assert.Equal(3, harness.Starter.Replicas.Count);
        Assert.Equal(0, (await harness.Public.PollAsync()).LastStart);
    }

    [Fact]
    public async Task Poll_async_ends_after_the_look_at_the_queue()
    {
        await using var harness = new LocalJobHarness();
        harness.Public.PauseScaling();
        harness.Queue.Counts = new(1, 0);
        harness.Queue.Oldest = [7];
        await harness.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            harness.Time.Advance(TimeSpan.FromMilliseconds(100));
            var step = await harness.Public.PollAsync();
            Assert.Null(step.Runaway);
            harness.Starter.Replicas[round].End(0);
            await harness.Public.WaitForExecutionsAsync(round + 1);
        }

        Assert.Equal(3, (await harness.Public.PollAsync()).Runaway?.Executions);
    }

    [Fact]
    public async Task Time_out_says_what_the_queue_and_the_executions_look_like()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(7, 2);
        await harness.StartAsync();
        harness.Starter.Replicas[0].Write("thinking ...");
        harness.Starter.Replicas[1].Write("working ...");
        var names = harness.Current.Executions.Select(execution => execution.Name).ToList();

        var idle = harness.Public.WaitForIdleAsync(Limit);
        harness.Time.Advance(Limit);
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => idle);

        Assert.StartsWith(
            $"Not within 5 s. Waited for no messages and no executions.{Environment.NewLine}Event job 'worker': Running, ", failure.Message,
            StringComparison.Ordinal);
        Assert.Contains("jobs: 7 active, 2 dead-lettered", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{names[0]}: Running, exit code none", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"Last lines of {names[1]}:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("    working ...", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_of_the_application_is_its_own_exception()
    {
        var harness = new LocalJobHarness();
        Task<JobExecution> wait;
        await using (harness)
        {
            await harness.StartAsync();
            wait = harness.Public.WaitForExecutionAsync(execution => execution.IsFinished);
        }

        var failure = await Assert.ThrowsAsync<JobStoppedException>(() => wait);

        Assert.IsType<Aspire.Hosting.DistributedApplicationException>(failure, exactMatch: false);
        Assert.StartsWith("The application is stopping, and the job 'worker' with it.", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JobStoppedException>(() => harness.Public.StartExecutionAsync());
    }

    [Fact]
    public async Task Cancelled_wait_is_cancelled()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();
        using var cancellation = new CancellationTokenSource();

        var wait = harness.Public.WaitForExecutionsAsync(1, cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Contains("Event job 'worker'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execution_is_awaited_by_condition_and_by_name()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();

        var running = harness.Public.WaitForExecutionAsync(
            execution => execution.Status == ExecutionStatus.Running, Eventually.DefaultDeadline);
        var started = await harness.Public.StartExecutionAsync();
        Assert.Equal(started.Name, (await running).Name);
        harness.Starter.Replicas[0].End(3);

        Assert.Equal(3, (await harness.Public.WaitForExecutionAsync(started.Name, Eventually.DefaultDeadline)).ExitCode);
    }

    [Fact]
    public async Task Options_are_a_copy()
    {
        await using var harness = new LocalJobHarness();

        harness.Public.Options.MaxExecutions = 1;

        Assert.Equal(10, harness.Public.Options.MaxExecutions);
    }
}
