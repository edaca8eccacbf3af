using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Hosting.Local.Fakes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>Nothing that goes wrong in a poll or in a runner ends the loop, holds it up, or is hidden.</summary>
public class RobustLoopTests
{
    private static readonly TimeSpan KedaDeadline = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Queue_that_does_not_answer_is_given_up_after_three_seconds()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();
        var answer = new TaskCompletionSource();
        harness.Queue.Gate = answer.Task;
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.SucceedsAsync("the poll has asked", () => Assert.Equal(2, harness.Queue.Reads));

        harness.Time.Advance(KedaDeadline);
        var failed = await harness.WaitForAsync("the end of the poll", snapshot => snapshot.Polls == 2);

        Assert.Null(failed.QueueLength);
        Assert.Equal(
            "The message counts of 'jobs' could not be read, so it starts no executions: There was no answer within 3 s.", failed.Problem);
        answer.SetResult();
        await harness.PollAsync();
        Assert.Null(harness.Current.Problem);
    }

    [Fact]
    public async Task Worker_that_cannot_be_prepared_whatever_the_exception_is_that_polls_problem()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(5, 0);
        harness.PrepareFailure = new System.Text.Json.JsonException("half a file");
        await harness.StartAsync();

        Assert.Equal("half a file", harness.Current.Problem);
        harness.PrepareFailure = new System.ComponentModel.Win32Exception("no dotnet");
        await harness.PollAsync();
        Assert.Equal("no dotnet", harness.Current.Problem);

        harness.PrepareFailure = null;
        await harness.PollAsync();

        Assert.Null(harness.Current.Problem);
        Assert.Single(harness.Starter.Replicas);
    }

    [Fact]
    public async Task Worker_that_is_not_built_is_seen_before_the_first_message_until_it_is_built()
    {
        await using var harness = new LocalJobHarness { TemplateFailure = "The worker is not built." };

        await harness.StartAsync();
        Assert.Equal("The worker is not built.", harness.Current.Problem);
        await harness.PollAsync();
        Assert.Equal("The worker is not built.", harness.Current.Problem);
        harness.TemplateFailure = null;
        await harness.PollAsync();

        Assert.Null(harness.Current.Problem);
    }

    [Fact]
    public async Task Look_at_the_queue_holds_no_poll_up_and_is_given_up_too()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(1, 0);
        harness.Queue.LookGate = new TaskCompletionSource().Task;
        await harness.StartAsync();
        Assert.Equal(1, harness.Queue.Looks);

        harness.Queue.Counts = new(11, 0);
        await harness.PollAsync();

        // The look has not answered, and the poll has started what the queue wants.
        Assert.Equal(3, harness.Starter.Replicas.Count);
        Assert.Equal(1, harness.Queue.Looks);
        await harness.PollAsync();
        await Eventually.SucceedsAsync("the report", () => Assert.Contains(
            "Debug: The oldest messages of 'jobs' could not be peeked: There was no answer within 3 s.", harness.Log.Lines));
    }

    [Fact]
    public async Task Replica_that_cannot_be_started_whatever_the_exception_fails_its_execution()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();
        harness.Starter.Exception = new NotSupportedException("no processes here");

        var execution = await harness.Public.StartExecutionAsync();
        var ended = await harness.Public.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline);

        Assert.Equal((ExecutionStatus.Failed, "Replica 0 could not be started: no processes here"), (ended.Status, ended.State.Reason));
    }

    [Fact]
    public async Task Runner_that_faults_ends_as_a_failed_execution_and_its_process_is_killed()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();
        var execution = await harness.Public.StartExecutionAsync();
        // The runner asks its process to end, and that throws.
        harness.Starter.Replicas[0].TerminateFailure = new InvalidOperationException("the pipe broke");

        harness.Job.Stop(execution.Name);
        var ended = await harness.Public.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline);

        Assert.Equal((ExecutionStatus.Failed, "The local runner failed: the pipe broke"), (ended.Status, ended.State.Reason));
        Assert.True(harness.Starter.Replicas[0].IsKilled);
        Assert.Equal(0, harness.Current.Counts.Running);
        Assert.False(harness.Job.Stop(execution.Name));
    }

    [Fact]
    public async Task Replica_whose_end_cannot_be_told_ends_its_execution_and_the_other_replicas()
    {
        await using var harness = new LocalJobHarness(options => (options.Parallelism, options.ReplicaCompletionCount) = (2, 2));
        await harness.StartAsync();
        var execution = await harness.Public.StartExecutionAsync();

        harness.Starter.Replicas[0].Lose(new InvalidOperationException("the output broke"));
        var ended = await harness.Public.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline);

        Assert.Equal((ExecutionStatus.Failed, "The local runner failed: the output broke"), (ended.Status, ended.State.Reason));
        Assert.All(harness.Starter.Replicas, replica => Assert.True(replica.IsKilled));
        Assert.Equal(0, harness.Current.Counts.Running);
    }

    [Fact]
    public async Task Pause_waits_for_the_start_under_way_and_nothing_starts_afterwards()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(50, 0);
        using var isStarting = new SemaphoreSlim(0);
        using var mayStart = new SemaphoreSlim(0);
        harness.Starter.Starting = () =>
        {
            isStarting.Release();
            mayStart.Wait(Eventually.DefaultDeadline);
        };
        var loop = Task.Run(() => harness.StartAsync());
        Assert.True(await isStarting.WaitAsync(Eventually.DefaultDeadline));

        var started = Task.Run(() =>
        {
            harness.Public.PauseScaling();
            return harness.Starter.Replicas.Count;
        });
        // It may take some more starts until the pause is heard of.
        mayStart.Release(10);
        var atPause = await Eventually.InTimeAsync("the pause", started);
        await loop;
        await harness.PollAsync();

        Assert.InRange(atPause, 1, 10);
        Assert.Equal(atPause, harness.Starter.Replicas.Count);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(60)]
    public async Task Longest_replica_timeout_starts_and_ends(int seconds)
    {
        await using var harness = new LocalJobHarness(options =>
        {
            options.MaxExecutions = int.MaxValue;
            options.ReplicaTimeout = TimeSpan.FromSeconds(seconds);
        });
        await harness.StartAsync();
        var execution = await harness.Public.StartExecutionAsync();

        Assert.Equal(TimeSpan.FromSeconds(seconds), execution.State.Deadline - execution.State.CreatedAt);
        harness.Starter.Replicas[0].End(0);

        Assert.Equal(
            ExecutionStatus.Succeeded, (await harness.Public.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline)).Status);
    }

    [Fact]
    public async Task Stop_all_waits_for_every_execution_that_it_stops()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(10, 0);
        await harness.StartAsync();

        var stopped = harness.Public.StopAllAsync();
        harness.Starter.Replicas[0].End(0);
        await harness.Public.WaitForExecutionsAsync(1, Eventually.DefaultDeadline);
        Assert.False(stopped.IsCompleted);
        harness.Starter.Replicas[1].End(0);

        await Eventually.InTimeAsync("the end of both", stopped.ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default));
        Assert.Equal(2, harness.Current.FinishedExecutions);
    }

    [Fact]
    public async Task Statuses_follow_the_job()
    {
        var harness = new LocalJobHarness();
        await using (harness)
        {
            Assert.Equal(JobStatus.NotStarted, harness.Current.Status);
            harness.Queue.Failure = "not yet";
            await harness.StartAsync();
            Assert.Equal(JobStatus.Starting, harness.Current.Status);

            harness.Queue.Failure = null;
            await harness.PollAsync();
            Assert.Equal(JobStatus.Running, harness.Current.Status);
            harness.Queue.Failure = "not now";
            await harness.PollAsync();
            Assert.Equal(JobStatus.Running, harness.Current.Status);
        }

        Assert.Equal(JobStatus.Stopped, harness.Current.Status);
    }

    [Fact]
    public async Task Several_triggers_are_combined_by_KEDAs_rule()
    {
        var urgent = new FakeQueue { Counts = new(3, 1) };
        await using var harness = new LocalJobHarness(configure: null);
        harness.Queue.Counts = new(10, 2);
        await harness.StartAsync([harness.Trigger, new("urgent", 1, 0, urgent)]);

        // The longest queue counts: 10 / 5 = 2, not 3 / 1.
        Assert.Equal(2, harness.Starter.Replicas.Count);
        Assert.Equal((13, 3), (harness.Current.QueueLength, harness.Current.DeadLetters));
        Assert.Equal<TriggerSnapshot>([new("jobs", 10, 2), new("urgent", 3, 1)], harness.Current.Triggers);

        urgent.Failure = "gone";
        await harness.PollAsync();

        Assert.Null(harness.Current.QueueLength);
        Assert.Equal("The message counts of 'urgent' could not be read, so it starts no executions: gone", harness.Current.Problem);
    }
}
