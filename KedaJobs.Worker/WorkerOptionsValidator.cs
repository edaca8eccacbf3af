using Microsoft.Extensions.Options;

namespace KedaJobs.Worker;

/// <summary>Says everything that is wrong with the settings, before anything is taken from the queue.</summary>
internal sealed class WorkerOptionsValidator : IValidateOptions<WorkerOptions>
{
    public ValidateOptionsResult Validate(string? name, WorkerOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        void Check(bool isGood, string property, object? value, string range)
        {
            if (!isGood)
            {
                errors.AddError($"{WorkerOptions.Section}:{property} is {value}, but must be {range}.");
            }
        }

        Check(options.Concurrency is >= 1 and <= 1_000, nameof(options.Concurrency), options.Concurrency, "from 1 to 1000");
        Check(options.PrefetchCount is >= 0 and <= 10_000, nameof(options.PrefetchCount), options.PrefetchCount, "from 0 to 10000");
        Check(options.IdleTime > TimeSpan.Zero, nameof(options.IdleTime), options.IdleTime, "above zero");
        Check(options.MessageBudget is null or >= 1, nameof(options.MessageBudget), options.MessageBudget, "at least 1, or left out");
        Check(options.ReplicaTimeout > TimeSpan.Zero, nameof(options.ReplicaTimeout), options.ReplicaTimeout, "above zero");
        Check(
            options.EffectiveTimeBudget > TimeSpan.Zero && options.EffectiveTimeBudget < options.ReplicaTimeout,
            nameof(options.TimeBudget),
            options.EffectiveTimeBudget,
            $"above zero and below the replica timeout ({options.ReplicaTimeout})");
        Check(
            options.ShutdownGrace >= TimeSpan.Zero && options.ShutdownGrace <= TimeSpan.FromMinutes(10),
            nameof(options.ShutdownGrace),
            options.ShutdownGrace,
            "from zero to ten minutes");
        Check(options.EffectiveMaxLockRenewal > TimeSpan.Zero, nameof(options.MaxLockRenewal), options.EffectiveMaxLockRenewal, "above zero");
        return errors.Build();
    }
}
