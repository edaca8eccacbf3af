using KedaJobs.Hosting.Local.WhatIf;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Tests.Hosting.Local.WhatIf;

/// <summary>What is read off an hour that began at noon.</summary>
public class MeasuredLoadTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly EntityLoad _load = new();

    [Fact]
    public void Cold_start_is_from_the_execution_to_its_first_message_where_no_other_execution_could_have_taken_it()
    {
        Handle(1, 3, 5);
        Handle(2, 12, 13);
        Handle(3, 40, 41);

        // The second one began beside the first, the third alone.
        Assert.Equal([Seconds(3), Seconds(2)], Measure(Execution(0, 20), Execution(10, 20), Execution(38, 45)).ColdStarts);
    }

    [Fact]
    public void Executions_of_one_poll_count_together_and_one_that_took_nothing_not()
    {
        // The first one may have taken both: nobody knows when the second was ready.
        Handle(1, 4, 5);
        Handle(2, 6, 7);
        Assert.Equal([Seconds(4)], Measure(Execution(0, 10), Execution(0.1, 10), Execution(20, 22)).ColdStarts);

        Handle(3, 6.5, 8);
        Assert.Equal([Seconds(4), Seconds(6.5)], Measure(Execution(0, 10), Execution(0.1, 10), Execution(20, 22)).ColdStarts);

        // A third at once is more than two executions of one message each have: it takes a concurrency of 2, and
        // the second is ready with the third message.
        Handle(4, 6.8, 9);
        Assert.Equal([Seconds(4), Seconds(6.8)], Measure(Execution(0, 10), Execution(0.1, 10), Execution(20, 22)).ColdStarts);
    }

    [Fact]
    public void Concurrency_is_what_one_execution_had_in_hand()
    {
        Handle(1, 1, 5);
        Handle(2, 2, 5);
        Assert.Equal(2, Measure(Execution(0, 6)).Concurrency);

        // Six for two executions, though one may have had more.
        for (var number = 3; number < 9; number++)
        {
            Handle(number, 12, 15);
        }

        Assert.Equal(3, Measure(Execution(0, 6), Execution(10, 16), Execution(11, 16)).Concurrency);
        Assert.Null(Measure().Concurrency);
    }

    [Fact]
    public void Triggers_that_nobody_sees_are_told_apart_from_empty_ones()
    {
        var load = MeasuredLoad.Of([null, _load, new()], [], Noon);
        Assert.Equal([true, false, false], load.Arrivals.Select(arrivals => arrivals is null));
        Assert.Null(load.Begin);

        _load.Enqueued(Noon, 1);
        Assert.Equal(Noon, MeasuredLoad.Of([null, _load, new()], [], Noon).Begin);
    }

    private MeasuredLoad Measure(params ExecutionState[] executions) => MeasuredLoad.Of([_load], executions, Noon.AddMinutes(1));

    private void Handle(long number, double from, double to)
    {
        _load.Locked(number, Noon + Seconds(from));
        _load.Completed(number, Noon + Seconds(to));
    }

    private static ExecutionState Execution(double from, double to) => new()
    {
        Name = "worker-abc1234",
        Settings = new() { ReplicaTimeout = TimeSpan.FromMinutes(10) },
        CreatedAt = Noon + Seconds(from),
        FinishedAt = Noon + Seconds(to),
    };

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
