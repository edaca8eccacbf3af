namespace KedaJobs.Jobs.Hosting;

/// <summary>Finds everything that is wrong with the options before anything is received.</summary>
internal static class QueueJobOptionsValidator
{
    public static IReadOnlyList<string> Validate(QueueJobOptions options)
    {
        var errors = new List<string>();
        void Check(bool isGood, string property, object? value, string range)
        {
            if (!isGood)
            {
                errors.Add($"{QueueJobOptions.Section}:{property} is {value}, but must be {range}.");
            }
        }

        Check(options.Concurrency is >= 1 and <= 1_000, nameof(options.Concurrency), options.Concurrency, "from 1 to 1000");
        Check(options.PrefetchCount is >= 0 and <= 10_000, nameof(options.PrefetchCount), options.PrefetchCount, "from 0 to 10000");
        Check(options.IdleTime > TimeSpan.Zero, nameof(options.IdleTime), options.IdleTime, "greater than zero");
        Check(options.MessageBudget is null or >= 1, nameof(options.MessageBudget), options.MessageBudget, "at least 1, or left out");
        Check(options.ReplicaTimeout > TimeSpan.Zero, nameof(options.ReplicaTimeout), options.ReplicaTimeout, "greater than zero");
        Check(
            options.EffectiveTimeBudget > TimeSpan.Zero && options.EffectiveTimeBudget < options.ReplicaTimeout,
            nameof(options.TimeBudget),
            options.EffectiveTimeBudget,
            $"greater than zero and less than the replica timeout ({options.ReplicaTimeout})");
        Check(
            options.ShutdownGrace >= TimeSpan.Zero && options.ShutdownGrace <= TimeSpan.FromMinutes(10),
            nameof(options.ShutdownGrace),
            options.ShutdownGrace,
            "from zero to ten minutes");
        Check(
            options.EffectiveMaxLockRenewal > TimeSpan.Zero, nameof(options.MaxLockRenewal), options.EffectiveMaxLockRenewal,
            "greater than zero");
        Check(options.MaxAttempts is null or >= 1, nameof(options.MaxAttempts), options.MaxAttempts, "at least 1, or left out");
        Check(
            options.RetryDelay > TimeSpan.Zero, nameof(options.RetryDelay), options.RetryDelay,
            "greater than zero; to turn delays off, set DelayRetries to false");
        Check(
            options.MaxRetryDelay >= options.RetryDelay, nameof(options.MaxRetryDelay), options.MaxRetryDelay,
            $"at least the retry delay ({options.RetryDelay})");
        Check(options.SessionIdleTime > TimeSpan.Zero, nameof(options.SessionIdleTime), options.SessionIdleTime, "greater than zero");
        Check(
            options.ClientRetries is null or (>= 0 and <= 100), nameof(options.ClientRetries), options.ClientRetries,
            "from 0 to 100, or left out");
        return errors;
    }
}
