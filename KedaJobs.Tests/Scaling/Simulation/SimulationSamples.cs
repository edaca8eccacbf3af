using CsCheck;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Tests.Scaling.Simulation;

/// <summary>Inputs that tests start from.</summary>
internal static class SimulationSamples
{
    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>One queue with messages at given seconds, a second of work each, and a poll every 30 s from 0 s on.</summary>
    public static SimulationInput At(params double[] arrivals) => new()
    {
        Queues = [new("jobs", ArrivalPattern.Trace(arrivals.Select(at => (Seconds(at), 0)))) { MessageCount = 1 }],
        Scale = new(MaxExecutions: 10),
        FirstPoll = TimeSpan.Zero,
    };

    public static SimulationInput WithQueue(this SimulationInput input, Func<SimulatedQueue, SimulatedQueue> change) =>
        input with { Queues = [change(input.Queues[0]), .. input.Queues.Skip(1)] };

    public static Gen<Distribution> Time(double most) => Gen.OneOf(
        Gen.Double[0.01, most].Select(seconds => Distribution.Constant(Seconds(seconds))),
        Gen.Double[0.01, most / 3].Select(seconds => Distribution.Exponential(Seconds(seconds))),
        Gen.Select(Gen.Double[0.01, most / 4], Gen.Double[1, 4])
            .Select((median, factor) => Distribution.LogNormal(Seconds(median), Seconds(median * factor))));

    public static Gen<ArrivalPattern> Arrivals { get; } = Gen.Select(Gen.Double[0.01, 3], Gen.Double[30, 1200])
        .SelectMany((rate, seconds) => Gen.OneOf(
            ArrivalPattern.Constant(rate, Seconds(seconds)),
            ArrivalPattern.Poisson(rate, Seconds(seconds)),
            ArrivalPattern.Burst(1 + (int)(rate * 30), Seconds(seconds / 3), Seconds(seconds)),
            ArrivalPattern.Diurnal(rate, 0.8, Seconds(seconds / 2), Seconds(seconds)),
            ArrivalPattern.Spike(rate / 10, rate * 3, Seconds(seconds / 3), Seconds(seconds / 10), Seconds(seconds))));

    /// <summary>Anything that ends by itself: one or two queues, any strategy but custom, which may exceed the maximum.</summary>
    public static Gen<SimulationInput> Any { get; } = Gen.Select(
        Gen.Select(Arrivals, Gen.Long[1, 10], Gen.Double[1, 90], Gen.Int[1, 5]).Select((arrivals, count, locked, deliveries) =>
            new SimulatedQueue("jobs", arrivals)
            {
                MessageCount = count,
                LockDuration = Seconds(locked),
                MaxDeliveryCount = deliveries,
            }).Array[1, 2],
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 2], Gen.Int[2, 20]).Select((poll, min, max) => new ScaleDefinition(poll, min, max)),
        Gen.Select(Gen.OneOf("default", "accurate", "eager"), Gen.OneOf("max", "min", "avg", "sum"), Gen.ULong),
        Gen.Select(Gen.Int[20, 400], Gen.Int[0, 1], Gen.Int[1, 2])
            .Select((timeout, retries, parallel) => new ExecutionDefinition(timeout, retries, parallel, parallel)),
        Gen.Select(
            Gen.Int[1, 5], Gen.Int[0, 5], Gen.OneOf(Completion.Late, Completion.Early), Gen.Bool, Gen.Bool, Gen.Double[0.5, 20],
            Gen.Int[1, 30].Nullable())
            .Select((concurrency, prefetch, completion, renews, drains, idle, budget) => new WorkerBehavior
            {
                Concurrency = concurrency,
                Prefetch = prefetch,
                Completion = completion,
                RenewsLocks = renews,
                DrainsOnStop = drains,
                IdleTime = Seconds(idle),
                MessageBudget = budget,
            }),
        Gen.Select(Time(30), Time(20), Time(5)),
        Gen.Select(Gen.Double[0, 0.4], Gen.Double[0, 0.2], Gen.Double[0, 30]).Select((rate, poison, delay) =>
            new FailureRates { Rate = rate, PoisonRate = poison, RetryDelay = Seconds(delay), RetryFactor = 2 }),
        (queues, scale, rule, execution, worker, times, failures) => new SimulationInput
        {
            Queues = queues,
            Scale = scale,
            Strategy = rule.Item1,
            Calculation = rule.Item2,
            Seed = rule.Item3,
            Execution = execution,
            Worker = worker,
            Work = times.Item1,
            ImagePull = times.Item2,
            ProcessStart = times.Item3,
            Failures = failures,
            LongestTail = TimeSpan.FromHours(2),
        });
}
