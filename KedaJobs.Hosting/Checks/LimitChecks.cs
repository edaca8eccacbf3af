namespace KedaJobs.Hosting.Checks;

/// <summary>Counts. Sources: KEDA's ScaledJob schema and azure-servicebus scaler, eventTriggerConfig of Microsoft.App/jobs.</summary>
internal static class LimitChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var options = job.Options;
        foreach (var finding in MessageCounts(job))
        {
            yield return finding;
        }

        foreach (var finding in ExecutionLimits(job))
        {
            yield return finding;
        }

        foreach (var finding in Replicas(job))
        {
            yield return finding;
        }

        if (options.MessageBudget < 1)
        {
            yield return new(CheckCode.MessageBudget, job.Resource,
                $"MessageBudget is {options.MessageBudget}: an execution would end before its first message, "
                    + "and the next poll would start another.",
                "Write at least 1, or leave it out: the worker then drains the queue.");
        }

        if (!job.UsesJobLibrary && (options.MessageBudget is not null || options.TimeBudget is not null))
        {
            yield return new(CheckCode.UnusedBudget, job.Resource,
                $"{(options.MessageBudget is null ? nameof(options.TimeBudget) : nameof(options.MessageBudget))} is set, "
                    + "but only the KedaJobs.Jobs library uses it.",
                "Call WithJobLibrary if the worker uses the library. "
                    + "Otherwise, leave the budget out and limit executions in the worker's own code.");
        }
    }

    private static IEnumerable<CheckFinding> MessageCounts(CheckedJob job)
    {
        // The job's own numbers apply to every trigger that has none of its own.
        var counts = job.Triggers
            .Select(trigger => (Entity: trigger.MessageCount is null ? "" : $" of '{trigger.Entity}'", Value: trigger.MessageCount
                ?? job.Options.MessageCount))
            .Distinct();
        foreach (var (entity, count) in counts.Where(count => count.Value < 1))
        {
            yield return new(CheckCode.MessageCount, job.Resource,
                $"MessageCount{entity} is {count}; with a target below 1 the rule never starts an execution.",
                "Write how many messages one execution should take, at least 1.");
        }

        var activations = job.Triggers
            .Select(trigger =>
                (Entity: trigger.ActivationMessageCount is null ? "" : $" of '{trigger.Entity}'", Value: trigger.ActivationMessageCount
                    ?? job.Options.ActivationMessageCount))
            .Distinct();
        foreach (var (entity, count) in activations)
        {
            if (count < 0)
            {
                yield return new(CheckCode.Activation, job.Resource,
                    $"ActivationMessageCount{entity} is {count}.",
                    "Write 0 (one message starts an execution) or more.");
            }
            else if (count > 0)
            {
                yield return new(CheckCode.StuckMessages, job.Resource,
                    $"ActivationMessageCount{entity} is {count}: as long as the queue holds that many messages or fewer, "
                        + "nothing handles them.",
                    "Leave it at 0 unless something else drains the queue.");
            }
        }
    }

    private static IEnumerable<CheckFinding> ExecutionLimits(CheckedJob job)
    {
        var (min, max) = (job.Options.MinExecutions, job.Options.MaxExecutions);
        if (max < 1)
        {
            yield return new(CheckCode.ExecutionLimits, job.Resource,
                $"MaxExecutions is {max}: no execution could ever start.",
                "Write at least 1.");
        }

        if (min < 0)
        {
            yield return new(CheckCode.ExecutionLimits, job.Resource,
                $"MinExecutions is {min}.",
                "Write 0 (idle means zero) or more.");
        }
        else if (min > max)
        {
            yield return new(CheckCode.ExecutionLimits, job.Resource,
                $"MinExecutions ({min}) is greater than MaxExecutions ({max}); KEDA would silently lower it.",
                $"Lower MinExecutions, or raise MaxExecutions to at least {min}.");
        }
    }

    private static IEnumerable<CheckFinding> Replicas(CheckedJob job)
    {
        var options = job.Options;
        if (options.Parallelism < 1)
        {
            yield return new(CheckCode.Replicas, job.Resource,
                $"Parallelism is {options.Parallelism}.",
                "Write how many replicas of one execution run in parallel, at least 1.");
        }

        if (options.ReplicaCompletionCount < 1)
        {
            yield return new(CheckCode.Replicas, job.Resource,
                $"ReplicaCompletionCount is {options.ReplicaCompletionCount}.",
                "Write how many replicas must exit with code 0, at least 1.");
        }
        else if (options.Parallelism >= 1 && options.ReplicaCompletionCount > options.Parallelism)
        {
            yield return new(CheckCode.Replicas, job.Resource,
                $"ReplicaCompletionCount ({options.ReplicaCompletionCount}) is greater than Parallelism ({options.Parallelism}), "
                + "which Container Apps does not accept: at most as many replicas can succeed as run.",
                $"Lower ReplicaCompletionCount, or raise Parallelism to at least {options.ReplicaCompletionCount}.");
        }

        if (options.ReplicaRetryLimit < 0)
        {
            yield return new(CheckCode.Replicas, job.Resource,
                $"ReplicaRetryLimit is {options.ReplicaRetryLimit}.",
                "Write 0 (a failed replica is not restarted) or more.");
        }
    }
}
