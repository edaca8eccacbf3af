using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;
using static KedaJobs.Tests.Scaling.Simulation.SimulationSamples;

namespace KedaJobs.Tests.Scaling.Simulation;

/// <summary>Small courses of events whose every number can be worked out by hand.</summary>
public class JobSimulationTests
{
    [Fact]
    public void One_message_waits_for_the_poll_and_the_cold_start()
    {
        var result = JobSimulation.Run(
            At(10) with { ImagePull = Distribution.Constant(Seconds(8)), ProcessStart = Distribution.Constant(Seconds(2)) });

        // Arrives at 10, poll at 30, container at 38, receives at 40, done at 41, idle for 2 s: ends at 43.
        Assert.Equal(Seconds(30), result.Wait.Max);
        Assert.Equal(Seconds(31), result.Total.Max);
        Assert.Equal(Seconds(31), result.Makespan);
        Assert.Equal(1, result.Executions);
        Assert.Equal(0, result.ExecutionsWithoutWork);
        Assert.Equal(Seconds(43), result.Simulated);
        Assert.Equal(Seconds(5), result.ReplicaTime);
        Assert.Equal(2.5, result.VCpuSeconds, 6);
        Assert.Equal(5, result.GiBSeconds, 6);
    }

    [Fact]
    public void Message_count_decides_how_many_start()
    {
        var input = At(Enumerable.Repeat(1d, 12).ToArray());
        Assert.Equal(10, JobSimulation.Run(input).Executions);
        Assert.Equal(3, JobSimulation.Run(input.WithQueue(queue => queue with { MessageCount = 5 })).Executions);
    }

    [Fact]
    public void Default_lets_new_messages_wait_when_running_ones_have_completed_early()
    {
        // One long job from 30 s on, completed when it was received; a second message comes at 40 s.
        var input = At(10, 40) with
        {
            Work = Distribution.Constant(Seconds(600)),
            Worker = new() { Completion = Completion.Early, MessageBudget = 1 },
        };
        Assert.InRange(JobSimulation.Run(input).Wait.Max, Seconds(590), Seconds(630));
        Assert.Equal(Seconds(20), JobSimulation.Run(input with { Strategy = "accurate" }).Wait.Max);
    }

    [Fact]
    public void Accurate_starts_executions_for_nothing_when_messages_are_completed_late()
    {
        // 600 s of work are 20 polls that still see the message; the first of them started the one that has it.
        var input = At(10) with { Work = Distribution.Constant(Seconds(600)) };
        Assert.Equal(0, JobSimulation.Run(input).ExecutionsWithoutWork);
        Assert.Equal(19, JobSimulation.Run(input with { Strategy = "accurate" }).ExecutionsWithoutWork);
    }

    [Fact]
    public void Lock_shorter_than_the_work_is_handled_again_and_again_and_dead_lettered()
    {
        var input = At(10) with { Work = Distribution.Constant(Seconds(90)), Worker = new() { RenewsLocks = false } };
        var result = JobSimulation.Run(input.WithQueue(queue => queue with { LockDuration = Seconds(60), MaxDeliveryCount = 3 }));
        Assert.Equal(0, result.Completed);
        Assert.Equal(1, result.DeadLettered);
        Assert.Equal(3, result.DoneInVain);
        Assert.Equal(1, JobSimulation.Run(input with { Worker = new() }).Completed);
    }

    [Fact]
    public void Timeout_leaves_the_message_locked_until_its_lock_lapses_unless_the_worker_gives_it_back()
    {
        var input = At(10) with
        {
            Work = Distribution.Constant(Seconds(100)),
            Execution = new(ReplicaTimeoutSeconds: 60),
            Worker = new() { TimeBudget = Seconds(50), DrainsOnStop = false },
        };
        var killed = JobSimulation.Run(input.WithQueue(queue => queue with { MaxDeliveryCount = 2, LockDuration = Seconds(100) }));

        // Taken at 30, killed at 90; renewed last at 80 and so locked until 180. The polls at 90, 120 and 150 see it and start one
        // execution each, of which the one that waits longest gets nothing, for it waits 2 s only.
        Assert.Equal(1, killed.DeadLettered);
        Assert.Equal(2, killed.TimedOut);
        Assert.True(killed.ExecutionsWithoutWork > 0);

        var drained = JobSimulation.Run(input with { Worker = input.Worker with { DrainsOnStop = true, ShutdownGrace = Seconds(25) } });
        Assert.True(drained.TimedOut > 2);
        Assert.True(drained.ExecutionsWithoutWork == 0, $"{drained.ExecutionsWithoutWork} of {drained.Executions}");
    }

    [Fact]
    public void Poison_message_is_dead_lettered_after_its_deliveries_with_growing_rests()
    {
        var input = At(10) with
        {
            Failures = new() { PoisonRate = 1, RetryDelay = Seconds(10), RetryFactor = 2 },
            Worker = new() { IdleTime = Seconds(60) },
        };
        var result = JobSimulation.Run(input.WithQueue(queue => queue with { MaxDeliveryCount = 3 }));

        // Handled at 30, 31 + 10 = 41 and 42 + 20 = 62; dead-lettered at 63.
        Assert.Equal(1, result.DeadLettered);
        Assert.Equal(Seconds(53), result.Makespan);
        Assert.Equal(0, result.Completed);
        Assert.Equal(1, result.Executions);
    }

    [Fact]
    public void Completed_early_is_lost_when_the_work_fails()
    {
        var result = JobSimulation.Run(
            At(10) with { Failures = new() { PoisonRate = 1 }, Worker = new() { Completion = Completion.Early } });
        Assert.Equal(1, result.Lost);
        Assert.Equal(0, result.DeadLettered);
    }

    [Fact]
    public void Messages_below_the_activation_count_are_left_and_the_result_says_so()
    {
        var result = JobSimulation.Run(At(10).WithQueue(queue => queue with { ActivationMessageCount = 3 }));
        Assert.Equal(1, result.Left);
        Assert.Equal("1 message will never be handled: 1 active message, not more than the activation count 3: start none", result.Ending);
    }

    [Fact]
    public void Two_triggers_are_combined_as_KEDA_does()
    {
        var arrivals = ArrivalPattern.Burst(4, Seconds(10), Seconds(5));
        var input = At(1) with
        {
            Queues = [new("a", arrivals) { MessageCount = 1 }, new("b", arrivals) { MessageCount = 1 }],
            FirstPoll = Seconds(1),
        };
        Assert.Equal(4, JobSimulation.Run(input).MostExecutions);
        Assert.Equal(8, JobSimulation.Run(input with { Calculation = "sum" }).MostExecutions);
        Assert.Equal(8, JobSimulation.Run(input).Completed);
    }

    [Fact]
    public void Prefetch_lets_locks_lapse_in_the_buffer()
    {
        var input = At(Enumerable.Repeat(1d, 10).ToArray()) with
        {
            Work = Distribution.Constant(Seconds(5)),
            Worker = new() { Prefetch = 9, RenewsLocks = false },
            Scale = new(MaxExecutions: 1),
        };
        var slow = JobSimulation.Run(input.WithQueue(queue => queue with { LockDuration = Seconds(20) }));
        Assert.True(slow.DoneInVain > 0);
        Assert.Equal(0, JobSimulation.Run(input.WithQueue(queue => queue with { LockDuration = Seconds(51) })).DoneInVain);
    }

    [Fact]
    public void Prefetched_messages_are_given_back_at_the_end_and_not_only_when_their_locks_lapse()
    {
        // Taken at 30; from 35 on nothing more is begun, and the next execution has the other four at 60.
        var input = At(1, 1, 1, 1, 1) with
        {
            Work = Distribution.Constant(Seconds(6)),
            Worker = new() { Prefetch = 4, TimeBudget = Seconds(5) },
            Scale = new(MaxExecutions: 1),
        };
        var result = JobSimulation.Run(input.WithQueue(queue => queue with { LockDuration = Seconds(300) }));
        Assert.Equal(5, result.Completed);
        Assert.Equal(Seconds(29 + (4 * 30)), result.Wait.Max);
    }

    [Fact]
    public void A_message_that_comes_back_is_delivered_before_newer_ones()
    {
        // All fail for ever: the first is dead-lettered after its two deliveries before the second is touched.
        var input = At(1, 1, 1) with { Failures = new() { PoisonRate = 1 }, Scale = new(MaxExecutions: 1) };
        var result = JobSimulation.Run(input.WithQueue(queue => queue with { MaxDeliveryCount = 2 }));
        Assert.Equal(3, result.DeadLettered);
        Assert.Equal(Seconds(29 + 4), result.Wait.Max);
    }

    [Fact]
    public void Size_lengthens_the_work()
    {
        var input = At(1) with
        {
            Queues = [new("jobs", ArrivalPattern.Trace([(Seconds(1), 4096)])) { MessageCount = 1 }],
            SecondsPerKiB = 2,
        };
        Assert.Equal(Seconds(38), JobSimulation.Run(input).Total.Max);
    }

    [Fact]
    public void Min_executions_are_kept_and_paid_for_without_messages()
    {
        var input = At(1) with
        {
            Queues = [new("jobs", ArrivalPattern.None(Seconds(3600)))],
            Scale = new(MinExecutions: 2, MaxExecutions: 5),
            Worker = new() { IdleTime = TimeSpan.FromHours(1) },
            Execution = new(ReplicaTimeoutSeconds: 7200),
        };
        Assert.Equal(TimeSpan.FromHours(2), JobSimulation.Run(input).ReplicaTime);
    }

    [Fact]
    public void Memory_does_not_grow_with_waiting_messages()
    {
        // A million messages wait at once, each for its first delivery.
        var input = At(1) with
        {
            Queues = [new("jobs", ArrivalPattern.Burst(1_000_000, Seconds(10), Seconds(1)))],
            Work = Distribution.Constant(TimeSpan.FromMilliseconds(1)),
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = JobSimulation.Run(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1_000_000, result.Completed);
        Assert.Equal(1_000_000, result.Series.Max(point => point.QueueMax));
        Assert.InRange(allocated, 0, 2_000_000);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Out_of_range_is_refused(int concurrency, int polling) => Assert.ThrowsAny<ArgumentException>(() => JobSimulation.Run(
        At(1) with { Worker = new() { Concurrency = concurrency }, Scale = new ScaleDefinition(PollingIntervalSeconds: polling) }));
}
