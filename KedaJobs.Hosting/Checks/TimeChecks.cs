namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Durations, and how they fit together. Sources: KEDA's ScaledJob schema, Microsoft.App/jobs, Service Bus message locks.
/// </summary>
internal static class TimeChecks
{
    /// <summary>Service Bus's default.</summary>
    private static readonly TimeSpan DefaultLockDuration = TimeSpan.FromMinutes(1);

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var options = job.Options;
        if (!IsWholeSeconds(options.PollingInterval))
        {
            yield return new(CheckCode.PollingInterval, job.Resource,
                $"PollingInterval is {Text(options.PollingInterval)}; KEDA polls in whole seconds, at least 1.",
                "Write, for instance, TimeSpan.FromSeconds(30); the local interval is shorter by default.");
        }

        if (!IsWholeSeconds(options.ReplicaTimeout))
        {
            yield return new(CheckCode.ReplicaTimeout, job.Resource,
                $"ReplicaTimeout is {Text(options.ReplicaTimeout)}; Container Apps requires whole seconds, at least 1.",
                "Write the longest time an execution may take, for instance TimeSpan.FromMinutes(30).");
            yield break;
        }

        foreach (var trigger in job.Triggers)
        {
            var lockDuration = trigger.LockDuration ?? DefaultLockDuration;
            if (options.ReplicaTimeout < lockDuration)
            {
                yield return new(CheckCode.TimeoutBelowLock, job.Resource,
                    $"ReplicaTimeout ({Text(options.ReplicaTimeout)}) is shorter than the lock duration of '{trigger.Entity}' "
                    + $"({Text(lockDuration)}): "
                    + "messages of a stopped execution stay locked, and counted, after it has ended.",
                    $"Raise ReplicaTimeout to at least {Text(lockDuration)}, or shorten LockDuration.");
            }
        }

        if (options.TimeBudget is { } budget && (budget <= TimeSpan.Zero || budget >= options.ReplicaTimeout))
        {
            yield return new(CheckCode.TimeoutBelowBudget, job.Resource,
                $"TimeBudget is {Text(budget)} and ReplicaTimeout {Text(options.ReplicaTimeout)}: "
                    + "the execution would be stopped in the middle of its work.",
                "Write a TimeBudget above zero that leaves time for the longest message before ReplicaTimeout, or leave it out.");
        }
    }

    private static bool IsWholeSeconds(TimeSpan value) => value >= TimeSpan.FromSeconds(1) && value.Ticks % TimeSpan.TicksPerSecond == 0;

    private static string Text(TimeSpan value) => $"{value.TotalSeconds:0.###} s";
}
