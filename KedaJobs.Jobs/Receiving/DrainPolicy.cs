namespace KedaJobs.Jobs.Receiving;

/// <summary>What bounds an execution.</summary>
internal sealed record DrainLimits(int Concurrency, TimeSpan IdleTime, int? MessageBudget, TimeSpan TimeBudget, TimeSpan ShutdownGrace)
{
    public static DrainLimits From(QueueJobOptions options) =>
        new(options.Concurrency, options.IdleTime, options.MessageBudget, options.EffectiveTimeBudget, options.ShutdownGrace);
}

/// <summary>The progress of an execution.</summary>
/// <param name="Elapsed">Time since the execution began to take messages.</param>
/// <param name="Taken">Messages received so far, regardless of their outcome.</param>
/// <param name="InHand">Messages that are being handled.</param>
/// <param name="EmptyFor">
/// For how long the queue was asked without giving anything, since it last gave something. Time without asking does not count.
/// </param>
/// <param name="StoppingFor">Time since the execution was told to stop; null when it was not.</param>
internal sealed record DrainState(TimeSpan Elapsed, int Taken, int InHand, TimeSpan EmptyFor, TimeSpan? StoppingFor);

/// <summary>What to do next.</summary>
internal abstract record DrainStep
{
    /// <summary>Ask the queue for up to <paramref name="Count"/> messages and wait that long for the first.</summary>
    public sealed record Take(int Count, TimeSpan UpTo) : DrainStep;

    /// <summary>Ask for nothing until something in hand is done, or (when given) that much time has passed.</summary>
    public sealed record Wait(TimeSpan? UpTo = null) : DrainStep;

    /// <summary>End the execution.</summary>
    public sealed record Finish(DrainEnd Why) : DrainStep;
}

/// <summary>Why an execution ended.</summary>
/// <remarks>
/// A class and not an enumeration: the framework's asynchronous code is precompiled for references, and would have to be
/// compiled at start for another value type.
/// </remarks>
internal sealed class DrainEnd
{
    /// <summary>The queue gave nothing for the idle time.</summary>
    public static readonly DrainEnd QueueDrained = new(nameof(QueueDrained));

    /// <summary>The message budget was used up.</summary>
    public static readonly DrainEnd MessageBudgetSpent = new(nameof(MessageBudgetSpent));

    /// <summary>The time budget was used up.</summary>
    public static readonly DrainEnd TimeBudgetSpent = new(nameof(TimeBudgetSpent));

    /// <summary>The execution was told to stop and nothing is in hand.</summary>
    public static readonly DrainEnd Stopped = new(nameof(Stopped));

    /// <summary>The execution was told to stop, and the grace period was too short for what is in hand.</summary>
    public static readonly DrainEnd GraceOver = new(nameof(GraceOver));

    private readonly string _name;

    private DrainEnd(string name) => _name = name;

    public override string ToString() => _name;
}

/// <summary>Decides when an execution takes messages, waits or ends. Knows no queue and no clock.</summary>
internal static class DrainPolicy
{
    public static DrainStep Decide(DrainLimits limits, DrainState state)
    {
        if (state.StoppingFor is { } stoppingFor)
        {
            return state.InHand == 0 ? new DrainStep.Finish(DrainEnd.Stopped)
                : stoppingFor >= limits.ShutdownGrace ? new DrainStep.Finish(DrainEnd.GraceOver)
                : new DrainStep.Wait(limits.ShutdownGrace - stoppingFor);
        }

        var timeLeft = limits.TimeBudget - state.Elapsed;
        var messagesLeft = limits.MessageBudget - state.Taken ?? int.MaxValue;
        var spent = messagesLeft <= 0 ? DrainEnd.MessageBudgetSpent : timeLeft <= TimeSpan.Zero ? DrainEnd.TimeBudgetSpent : null;
        if (spent is { } end)
        {
            return state.InHand == 0 ? new DrainStep.Finish(end) : new DrainStep.Wait();
        }

        var free = limits.Concurrency - state.InHand;
        if (free <= 0)
        {
            return new DrainStep.Wait();
        }

        var idleLeft = limits.IdleTime - state.EmptyFor;
        if (idleLeft <= TimeSpan.Zero)
        {
            if (state.InHand == 0)
            {
                return new DrainStep.Finish(DrainEnd.QueueDrained);
            }

            // Free hands go on asking while others work: KEDA counts this execution as one that
            // takes messages, and starts no other for them.
            idleLeft = limits.IdleTime;
        }

        return new DrainStep.Take(Math.Min(free, messagesLeft), idleLeft < timeLeft ? idleLeft : timeLeft);
    }
}
