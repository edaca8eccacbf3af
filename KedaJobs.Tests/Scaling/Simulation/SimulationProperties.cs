using System.Text.Json;
using CsCheck;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;
using static KedaJobs.Tests.Scaling.Simulation.SimulationSamples;

namespace KedaJobs.Tests.Scaling.Simulation;

public class SimulationProperties
{
    [Fact]
    public void Every_message_has_exactly_one_end() => Any.Sample(input =>
    {
        var result = JobSimulation.Run(input);
        Assert.Equal(result.Arrived, result.Completed + result.DeadLettered + result.Lost + result.Left);
        Assert.Equal(result.Completed, result.Total.Count);
        Assert.InRange(result.Wait.Count, result.Completed, result.Arrived);
    });

    [Fact]
    public void Complete_late_without_a_lapse_loses_nothing_and_serves_nothing_twice() => Any.Sample(input =>
    {
        // No lapse: locks are renewed by a worker that fetches nothing ahead and gives back what it holds when it is stopped.
        var result = JobSimulation.Run(input with
        {
            Worker = input.Worker with { Completion = Completion.Late, RenewsLocks = true, Prefetch = 0, DrainsOnStop = true },
            Failures = new(),
            Work = Distribution.Exponential(Seconds(1)),
            ImagePull = Distribution.Constant(Seconds(2)),
            ProcessStart = Distribution.Constant(Seconds(1)),
            Execution = input.Execution with { ReplicaTimeoutSeconds = 400 },
        });
        Assert.Equal(0, result.Lost);
        Assert.Equal(0, result.DoneInVain);
        Assert.Equal(0, result.DeadLettered);
        Assert.Equal(result.Arrived, result.Completed + result.Left);
        Assert.Equal(result.Left > 0, result.Ending is not null);
    });

    // Whatever fails, lapses, times out or is killed: a message comes back until its work is done or it was delivered too often.
    [Fact]
    public void Complete_late_with_time_enough_leaves_nothing() => Any.Sample(input =>
    {
        var result = JobSimulation.Run(input with
        {
            Worker = input.Worker with { Completion = Completion.Late },
            LongestTail = TimeSpan.FromDays(30),
        });
        Assert.Equal((0, 0, null), (result.Left, result.Lost, result.Ending));
        Assert.Equal(result.Arrived, result.Completed + result.DeadLettered);
    });

    [Fact]
    public void Executions_are_never_above_the_maximum() => Any.Sample(input =>
        JobSimulation.Run(input).MostExecutions <= input.Scale.MaxExecutions);

    [Fact]
    public void No_messages_no_executions_and_no_cost() => Any.Sample(input =>
    {
        var result = JobSimulation.Run(input with
        {
            Queues = [.. input.Queues.Select(queue => queue with { Arrivals = ArrivalPattern.None(queue.Arrivals.Duration) })],
            Scale = input.Scale with { MinExecutions = 0 },
        });
        Assert.Equal(0, result.Executions);
        Assert.Equal(0, result.VCpuSeconds);
        Assert.Equal(TimeSpan.Zero, result.ReplicaTime);
        Assert.All(result.Series, point => Assert.Equal(0, point.Executions));
    });

    [Fact]
    public void Same_input_same_result() => Any.Sample(input =>
        JsonSerializer.Serialize(JobSimulation.Run(input)) == JsonSerializer.Serialize(JobSimulation.Run(input)));

    // With polls, idle ends and cold starts this does not hold for any arrivals: more executions empty the queue sooner, end
    // sooner, and the next message meets none that runs. It holds where the executions stay: all messages at once, or executions
    // that are kept and end after two idle hours only.
    [Fact]
    public void More_executions_never_wait_longer_for_messages_at_once() =>
        Gen.Select(Any, Time(60), Gen.Int[1, 200], Gen.Int[1, 10]).Sample((input, work, messages, more) =>
        {
            var fewer = Durable(input, work) with
            {
                Queues = [new("jobs", ArrivalPattern.Burst(messages, Seconds(1), Seconds(1))) { MessageCount = 1 }],
            };
            AssertNoLonger(fewer, fewer with { Scale = fewer.Scale with { MaxExecutions = fewer.Scale.MaxExecutions + more } });
        });

    [Fact]
    public void More_kept_executions_never_wait_longer() =>
        Gen.Select(Any, Time(20), Gen.Int[1, 10], Gen.Int[1, 10]).Sample((input, work, kept, more) =>
        {
            var fewer = Durable(input, work) with
            {
                Queues = [input.Queues[0] with { MaxDeliveryCount = 10 }],
                Scale = new(input.Scale.PollingIntervalSeconds, kept, kept),
            };
            AssertNoLonger(fewer, fewer with { Scale = fewer.Scale with { MinExecutions = kept + more, MaxExecutions = kept + more } });
        });

    // Nothing fails, nothing is fetched ahead, and no execution reaches its end while there is work.
    private static SimulationInput Durable(SimulationInput input, Distribution work) => input with
    {
        Strategy = "default",
        Work = work,
        ImagePull = Distribution.Constant(Seconds(5)),
        Failures = new(),
        Execution = new(ReplicaTimeoutSeconds: 30 * 86400),
        Worker = new() { IdleTime = TimeSpan.FromHours(2), TimeBudget = TimeSpan.FromDays(20) },
        Scale = input.Scale with { MinExecutions = 0 },
        LongestTail = TimeSpan.FromDays(15),
    };

    private static void AssertNoLonger(SimulationInput fewer, SimulationInput more)
    {
        var (slow, fast) = (JobSimulation.Run(fewer), JobSimulation.Run(more));
        Assert.Equal(slow.Arrived, slow.Completed);
        Assert.Equal(fast.Arrived, fast.Completed);
        foreach (var share in (double[])[0.1, 0.5, 0.9, 0.99, 1])
        {
            Assert.True(
                fast.Wait.Percentile(share) <= slow.Wait.Percentile(share),
                $"{share:p}: {fast.Wait.Percentile(share)} after {slow.Wait.Percentile(share)}");
        }
    }
}
