using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Hosting.Local.Fakes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local;

public class LocalJobTests
{
    [Fact]
    public async Task Empty_queue_starts_nothing()
    {
        await using var harness = new LocalJobHarness();

        await harness.StartAsync();
        await harness.PollAsync();

        Assert.Empty(harness.Starter.Replicas);
        Assert.Equal("no active messages: start none", harness.Current.LastReason);
        Assert.Equal(0, harness.Current.QueueLength);
    }

    [Fact]
    public async Task Messages_start_executions_by_KEDAs_rule()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(12, 3);

        await harness.StartAsync();

        Assert.Equal(3, harness.Starter.Replicas.Count);
        Assert.Equal(3, harness.Current.LastStart);
        Assert.Equal(12, harness.Current.QueueLength);
        Assert.Equal(3, harness.Current.DeadLetters);
        Assert.Equal("12 active messages / 5 per execution = 3 wanted, 0 running: start 3", harness.Current.LastReason);
        Assert.Contains("Information: 12 active messages / 5 per execution = 3 wanted, 0 running: start 3", harness.Log.Lines);
    }

    [Fact]
    public async Task Running_executions_count_against_what_is_wanted()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(12, 0);
        await harness.StartAsync();

        harness.Queue.Counts = new(20, 0);
        await harness.PollAsync();

        Assert.Equal(4, harness.Starter.Replicas.Count);
        Assert.Equal(1, harness.Current.LastStart);
    }

    [Fact]
    public async Task Never_more_than_the_maximum_polls_and_commands_together()
    {
        await using var harness = new LocalJobHarness(options => options.MaxExecutions = 3);
        harness.Queue.Counts = new(100, 0);
        await harness.StartAsync();
        await harness.PollAsync();

        var refusal = await Assert.ThrowsAsync<JobException>(() => harness.Public.StartExecutionAsync(CancellationToken.None));

        Assert.Equal(3, harness.Starter.Replicas.Count);
        Assert.StartsWith("3 executions of 'worker' are running", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Largest_maximum_starts_what_the_messages_want()
    {
        await using var harness = new LocalJobHarness(options => options.MaxExecutions = int.MaxValue);
        harness.Queue.Counts = new(12, 0);

        await harness.StartAsync();

        Assert.Equal(3, harness.Starter.Replicas.Count);
        Assert.Equal("12 active messages / 5 per execution = 3 wanted, 0 running: start 3", harness.Current.LastReason);
    }

    [Fact]
    public async Task Executions_beyond_the_slots_run_all_the_same_with_their_logs()
    {
        await using var harness = new LocalJobHarness(slots: 2);
        harness.Queue.Counts = new(50, 0);

        await harness.StartAsync();

        Assert.Equal(10, harness.Starter.Replicas.Count);
        var beyond = harness.Current.Executions.Where(execution => execution.ResourceName is null).ToList();
        Assert.Equal(8, beyond.Count);
        harness.Starter.Replicas[^1].Write("hello");
        Assert.Contains($"Information: [{beyond[^1].Name}] hello", harness.Log.Lines);
        Assert.Contains("hello", harness.Public.GetLog(beyond[^1].Name));
        Assert.Equal(
            $"service.instance.id={beyond[^1].Name["worker-".Length..]}",
            harness.Starter.Replicas[^1].StartInfo.Environment["OTEL_RESOURCE_ATTRIBUTES"]);
    }

    [Fact]
    public async Task Minimum_is_kept_without_messages()
    {
        await using var harness = new LocalJobHarness(options => options.MinExecutions = 2);
        await harness.StartAsync();
        Assert.Equal(2, harness.Starter.Replicas.Count);

        harness.Starter.Replicas[0].End(0);
        await harness.WaitForAsync("the end of one", snapshot => snapshot.FinishedExecutions == 1);
        await harness.PollAsync();

        Assert.Equal(3, harness.Starter.Replicas.Count);
    }

    [Fact]
    public async Task Unreadable_count_is_unknown_and_starts_nothing()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(12, 0);
        harness.Queue.Failure = "connection refused";

        await harness.StartAsync();

        Assert.Empty(harness.Starter.Replicas);
        Assert.Null(harness.Current.QueueLength);
        Assert.Equal(
            "The message counts of 'jobs' could not be read, so it starts no executions: connection refused", harness.Current.Problem);
        Assert.Contains(
            harness.Log.Lines,
            line => line.StartsWith("Warning: The message counts of 'jobs' could not be read", StringComparison.Ordinal));

        harness.Queue.Failure = null;
        await harness.PollAsync();

        Assert.Null(harness.Current.Problem);
        Assert.Equal(3, harness.Starter.Replicas.Count);
        Assert.Contains("Information: Recovered.", harness.Log.Lines);
    }

    [Fact]
    public async Task Lasting_problem_is_logged_once()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Failure = "connection refused";
        await harness.StartAsync();
        await harness.PollAsync();
        await harness.PollAsync();

        Assert.Single(harness.Log.Lines, line => line.Contains("could not be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Worker_that_is_not_built_is_a_problem_of_the_row_not_an_execution()
    {
        await using var harness = new LocalJobHarness { TemplateFailure = "The worker is not built." };
        harness.Queue.Counts = new(1, 0);

        await harness.StartAsync();

        Assert.Empty(harness.Current.Executions);
        Assert.Equal("The worker is not built.", harness.Current.Problem);
        Assert.Equal(0, harness.Current.LastStart);
    }

    [Fact]
    public async Task Paused_polls_go_on_and_start_nothing()
    {
        await using var harness = new LocalJobHarness();
        harness.Public.PauseScaling();
        harness.Queue.Counts = new(12, 0);
        await harness.StartAsync();

        Assert.Empty(harness.Starter.Replicas);
        Assert.Equal(12, harness.Current.QueueLength);
        Assert.EndsWith("start 3 (scaling is paused: none started)", harness.Current.LastReason, StringComparison.Ordinal);

        harness.Public.ResumeScaling();
        await harness.PollAsync();

        Assert.Equal(3, harness.Starter.Replicas.Count);
    }

    [Fact]
    public async Task Execution_by_command_runs_beside_the_queue()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();

        var execution = await harness.Public.StartExecutionAsync(CancellationToken.None);

        var replica = Assert.Single(harness.Starter.Replicas);
        Assert.Equal("worker-01", execution.ResourceName);
        Assert.Matches("^worker-[a-z0-9]{7}$", execution.Name);
        Assert.Equal(["exec", "worker.dll", "--once"], replica.StartInfo.Arguments);
        Assert.Equal("/src/worker", replica.StartInfo.WorkingDirectory);
        Assert.Equal("worker", replica.StartInfo.Environment["CONTAINER_APP_JOB_NAME"]);
        Assert.Equal(execution.Name, replica.StartInfo.Environment["CONTAINER_APP_JOB_EXECUTION_NAME"]);
        Assert.Equal($"{execution.Name}-0", replica.StartInfo.Environment["CONTAINER_APP_REPLICA_NAME"]);
        Assert.Equal("worker", replica.StartInfo.Environment["OTEL_SERVICE_NAME"]);
        Assert.Equal("service.instance.id=01", replica.StartInfo.Environment["OTEL_RESOURCE_ATTRIBUTES"]);
    }

    [Fact]
    public async Task Slots_are_taken_in_turn_and_their_logs_tell_executions_apart()
    {
        await using var harness = new LocalJobHarness(slots: 2);
        await harness.StartAsync();
        var first = await harness.Public.StartExecutionAsync(CancellationToken.None);
        harness.Starter.Replicas[0].Write("first");
        harness.Starter.Replicas[0].End(0);
        await harness.Public.WaitForExecutionsAsync(1);
        var second = await harness.Public.StartExecutionAsync(CancellationToken.None);
        harness.Starter.Replicas[1].End(0);
        await harness.Public.WaitForExecutionsAsync(2);

        Assert.Contains("Information: first", harness.SlotLog("worker-01").Lines);
        var third = await harness.Public.StartExecutionAsync(CancellationToken.None);

        Assert.Equal(("worker-01", "worker-02", "worker-01"), (first.ResourceName, second.ResourceName, third.ResourceName));
        var starts = harness.SlotLog("worker-01").Lines.Where(line => line.EndsWith(" starts.", StringComparison.Ordinal));
        Assert.Equal([$"Information: Execution {first.Name} starts.", $"Information: Execution {third.Name} starts."], starts);

        // What outlived the first execution still writes.
        harness.Starter.Replicas[0].Write("late");
        harness.Starter.Replicas[2].Write("third");

        Assert.Contains("Information: third", harness.SlotLog("worker-01").Lines);
        Assert.DoesNotContain("Information: late", harness.SlotLog("worker-01").Lines);
        Assert.DoesNotContain("late", harness.Job.LogOf(first.Name));
    }

    [Fact]
    public async Task Stop_all_asks_every_execution_and_waits()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(10, 0);
        await harness.StartAsync();

        var stopped = harness.Public.StopAllAsync();
        await Eventually.SucceedsAsync(
            "SIGTERM for both", () => Assert.All(harness.Starter.Replicas, replica => Assert.Equal(1, replica.Terminations)));
        Assert.False(stopped.IsCompleted);
        harness.Starter.Replicas[0].End(0);
        harness.Starter.Replicas[1].End(143);
        await Eventually.InTimeAsync("both ended", stopped.ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default));

        Assert.All(harness.Current.Executions, execution => Assert.Equal(ExecutionStatus.Stopped, execution.Status));
        Assert.Equal(0, harness.Current.Counts.Running);
    }

    [Fact]
    public async Task Shut_down_kills_what_does_not_end_and_starts_nothing_more()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(5, 0);
        await harness.StartAsync();
        using var grace = new CancellationTokenSource();

        var shutDown = harness.Job.ShutDownAsync(grace.Token);
        await Eventually.SucceedsAsync("SIGTERM", () => Assert.Equal(1, harness.Starter.Replicas[0].Terminations));
        await grace.CancelAsync();
        await Eventually.InTimeAsync("the end", shutDown.ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default));

        Assert.True(harness.Starter.Replicas[0].IsKilled);
        Assert.Equal(ExecutionStatus.Stopped, Assert.Single(harness.Current.Executions).Status);
        await Assert.ThrowsAsync<JobStoppedException>(() => harness.Public.StartExecutionAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Same_messages_after_three_executions_are_a_runaway_until_they_go()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(2, 0);
        harness.Queue.Oldest = [7, 8];
        await harness.StartAsync();
        for (var execution = 0; execution < 3; execution++)
        {
            Assert.Null(harness.Current.Runaway);
            harness.Starter.Replicas[execution].End(0);
            await harness.Public.WaitForExecutionsAsync(execution + 1);
            await harness.PollAsync();
        }

        Assert.Equal((RunawayCause.NotCompleted, 3), (harness.Current.Runaway?.Cause, harness.Current.Runaway?.Executions));
        Assert.Contains(harness.Log.Lines, line => line.StartsWith("Warning: 3 executions have ended", StringComparison.Ordinal));
        Assert.Equal(1, harness.Current.LastStart);

        harness.Queue.Counts = new(0, 0);
        await harness.PollAsync();

        Assert.Null(harness.Current.Runaway);
        Assert.Contains("Information: Messages are leaving 'jobs' again.", harness.Log.Lines);
    }

    [Fact]
    public async Task Queue_is_only_looked_at_at_first_and_when_executions_have_ended()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(2, 0);
        harness.Queue.Oldest = [7, 8];
        await harness.StartAsync();
        await harness.PollAsync();
        Assert.Equal(1, harness.Queue.Looks);

        harness.Starter.Replicas[0].End(0);
        await harness.Public.WaitForExecutionsAsync(1);
        await harness.PollAsync();
        await harness.PollAsync();

        Assert.Equal(2, harness.Queue.Looks);
    }

    [Fact]
    public async Task Wait_for_idle_wants_a_poll_after_the_call()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync();
        harness.Time.Advance(TimeSpan.FromSeconds(1));

        var idle = harness.Public.WaitForIdleAsync();
        Assert.False(idle.IsCompleted);
        harness.Queue.Counts = new(1, 0);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await harness.WaitForAsync("the start", snapshot => snapshot.Counts.Running == 1);
        Assert.False(idle.IsCompleted);
        harness.Queue.Counts = new(0, 0);
        harness.Starter.Replicas[0].End(0);
        await harness.WaitForAsync("the end", snapshot => snapshot.FinishedExecutions == 1);
        await harness.PollAsync();

        Assert.Equal(0, (await Eventually.InTimeAsync("idle", idle)).QueueLength);
    }

    [Fact]
    public async Task Job_that_cannot_be_scaled_says_why()
    {
        await using var harness = new LocalJobHarness();

        harness.Job.Fail("no connection string");

        Assert.Equal((JobStatus.FailedToStart, "no connection string"), (harness.Current.Status, harness.Current.Problem));
        Assert.Equal("no connection string", (await Assert.ThrowsAsync<JobException>(() => harness.Public.PollAsync())).Message);
        Assert.Equal(["Warning: no connection string"], harness.Log.Lines);
    }

    [Fact]
    public async Task One_deferred_message_is_found_with_its_cause()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(1, 0);
        harness.Queue.Oldest = [7];
        harness.Queue.Look = look => look with { Oldest = [.. look.Oldest.Select(message => message with { IsDeferred = true })] };

        await EndInVainAsync(harness, 0, 0, 0);

        Assert.Equal(RunawayCause.Deferred, harness.Current.Runaway?.Cause);
        Assert.Contains(harness.Log.Lines, line => line.Contains("It is deferred", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Killed_worker_is_not_blamed_for_its_locks_and_the_finding_goes_with_the_message()
    {
        await using var harness = new LocalJobHarness();
        harness.Queue.Counts = new(1, 0);
        harness.Queue.Oldest = [7];

        await EndInVainAsync(harness, 137, 0, 0);

        Assert.Equal(RunawayCause.Locked, harness.Current.Runaway?.Cause);
        Assert.NotNull(harness.Current.Runaway?.Until);
        harness.Queue.Counts = new(1, 0);
        harness.Queue.Oldest = [8];
        await harness.PollAsync();
        Assert.Null(harness.Current.Runaway);
    }

    [Fact]
    public async Task Queue_that_was_disabled_and_now_drains_under_a_long_execution_is_no_runaway_any_more()
    {
        await using var harness = new LocalJobHarness(options => options.MaxExecutions = 1);
        harness.Queue.Counts = new(24, 0);
        harness.Queue.Oldest = [.. Enumerable.Range(1, 24).Select(number => (long)number)];
        harness.Queue.Look = look => look with { IsReceiveDisabled = true };
        await EndInVainAsync(harness, 1, 1, 1);
        Assert.Equal(RunawayCause.ReceiveDisabled, harness.Current.Runaway?.Cause);

        // It is enabled again; one execution drains it and goes on running.
        harness.Queue.Look = look => look;
        harness.Queue.Counts = new(4, 0);
        harness.Queue.Oldest = [21, 22, 23, 24];
        await harness.PollAsync();

        Assert.Null(harness.Current.Runaway);
        Assert.Equal(1, harness.Current.Counts.Running);
    }

    /// <summary>Lets one execution after another end so, each with a poll; the messages stay.</summary>
    private static async Task EndInVainAsync(LocalJobHarness harness, params int[] exitCodes)
    {
        await harness.StartAsync();
        for (var index = 0; index < exitCodes.Length; index++)
        {
            await Eventually.SucceedsAsync("the execution", () => Assert.Equal(index + 1, harness.Starter.Replicas.Count));
            harness.Starter.Replicas[index].End(exitCodes[index]);
            await harness.Public.WaitForExecutionsAsync(index + 1);
            await harness.PollAsync();
        }
    }
}
