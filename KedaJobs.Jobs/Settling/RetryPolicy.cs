namespace KedaJobs.Jobs.Settling;

/// <summary>What happens after a failed attempt.</summary>
internal abstract record RetryStep
{
    /// <summary>The message waits that long for its next attempt.</summary>
    public sealed record Delay(TimeSpan For) : RetryStep;

    /// <summary>The message returns to the queue at once; the broker counts its attempts.</summary>
    public sealed record Abandon : RetryStep;

    /// <summary>It was the last attempt.</summary>
    public sealed record DeadLetter : RetryStep;
}

/// <summary>Decides about failed attempts. Knows no queue and no clock.</summary>
/// <param name="MaxAttempts">Attempts that a message gets; null: as many as the broker allows.</param>
/// <param name="First">The delay before the second attempt.</param>
/// <param name="Longest">The longest delay.</param>
internal sealed record RetryPolicy(int? MaxAttempts, TimeSpan First, TimeSpan Longest)
{
    /// <summary>Service Bus' default MaxDeliveryCount: a delayed copy is a new message for the broker, so the library must count.</summary>
    public const int DefaultMaxAttempts = 10;

    public static RetryPolicy From(QueueJobOptions options) => new(options.MaxAttempts, options.RetryDelay, options.MaxRetryDelay);

    /// <param name="attempt">The attempt that failed, counted from 1.</param>
    /// <param name="canDelay">Whether a copy may wait in the queue.</param>
    public RetryStep After(int attempt, bool canDelay) =>
        attempt >= (MaxAttempts ?? (canDelay ? DefaultMaxAttempts : int.MaxValue)) ? new RetryStep.DeadLetter()
        : canDelay ? new RetryStep.Delay(DelayAfter(attempt))
        : new RetryStep.Abandon();

    private TimeSpan DelayAfter(int attempt)
    {
        // 2^30 times the shortest delay is beyond any longest one worth setting, and does not overflow.
        var ticks = First.Ticks * Math.Pow(2, Math.Min(attempt - 1, 30));
        return ticks < Longest.Ticks ? TimeSpan.FromTicks((long)ticks) : Longest;
    }
}
