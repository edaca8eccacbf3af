namespace KedaJobs.Hosting.Checks;

/// <summary>Whether the worker can read what triggers it, and whether the rule can see it.</summary>
internal static class TriggerChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var trigger = job.Trigger;
        var sameNamespace = job.References.Where(reference => reference.Namespace == trigger.Namespace).ToList();
        var elsewhere = job.References.FirstOrDefault(reference => reference.Namespace != trigger.Namespace && IsSame(reference.Entity, trigger));
        if (!sameNamespace.Any(reference => reference.Entity is null || IsSame(reference.Entity, trigger)))
        {
            yield return elsewhere is null
                ? new(CheckCode.MissingReference, job.Resource,
                    $"executions are started for '{trigger.Entity}' of '{trigger.Namespace}', but the worker has no reference to it and cannot read it.",
                    $"Write .WithReference({trigger.Entity}) on the worker.")
                : new(CheckCode.ForeignQueue, job.Resource,
                    $"executions are started for '{trigger.Entity}' of '{trigger.Namespace}', but the worker reads '{trigger.Entity}' of '{elsewhere.Namespace}'.",
                    "Pass AsEventJob the same queue as WithReference.");
        }

        var sessions = trigger switch
        {
            CheckedQueue queue => queue.RequiresSession,
            CheckedSubscription subscription => subscription.RequiresSession,
            _ => null,
        };
        if (sessions == true)
        {
            yield return new(CheckCode.Sessions, job.Resource,
                $"'{trigger.Entity}' requires sessions: the scale rule counts its messages, but not how many sessions are free to be worked on, "
                + "so executions would be started that find nothing to do.",
                "Use a queue without sessions for the job.");
        }
    }

    // Service Bus compares entity names without regard to case.
    private static bool IsSame(string? entity, CheckedTrigger trigger) => string.Equals(entity, trigger.Entity, StringComparison.OrdinalIgnoreCase);
}
