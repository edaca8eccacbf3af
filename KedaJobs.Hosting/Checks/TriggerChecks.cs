namespace KedaJobs.Hosting.Checks;

/// <summary>Whether the worker can read what triggers it, and whether the rule can see it.</summary>
internal static class TriggerChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedJob job, CheckedTrigger trigger)
    {
        var sameNamespace = job.References.Where(reference => reference.Namespace == trigger.Namespace).ToList();
        var elsewhere = job.References.FirstOrDefault(
            reference => reference.Namespace != trigger.Namespace && IsReadable(reference.Entity, trigger));
        if (!sameNamespace.Any(reference => reference.Entity is null || IsReadable(reference.Entity, trigger)))
        {
            yield return elsewhere is null
                ? new(CheckCode.MissingReference, job.Resource,
                    $"executions are started for '{trigger.Entity}' of '{trigger.Namespace}', but the worker has no reference to it and "
                        + "cannot read it.",
                    "Call .WithReference(...) on the worker with the queue or subscription that you pass to AsEventJob or WithTrigger.")
                : new(CheckCode.ForeignQueue, job.Resource,
                    $"executions are started for '{trigger.Entity}' of '{trigger.Namespace}', but the worker reads '{trigger.Entity}' of "
                        + $"'{elsewhere.Namespace}'.",
                    "Pass AsEventJob or WithTrigger the same entity as WithReference.");
        }

        if (trigger.ForwardTo is { } target)
        {
            yield return new(CheckCode.TriggerForwards, job.Resource,
                $"'{trigger.Entity}' forwards every message to '{target}': it never holds a message that could start an execution, "
                    + "and no one can receive from it.",
                $"Let '{target}' trigger the job, or remove ForwardTo.");
        }

        // A single execution works on all sessions, and none starts that could find them held.
        if (trigger.RequiresSession == true && job.Options.MaxExecutions > 1)
        {
            yield return new(CheckCode.Sessions, job.Resource,
                $"'{trigger.Entity}' requires sessions, but the scale rule counts messages: more executions can start than there are "
                + "sessions. Those that find no free session end without work.",
                "Lower MaxExecutions to the number of executions that your sessions keep busy, or raise MessageCount.");
        }
    }

    // Service Bus compares entity names case-insensitively. Access to a topic includes its subscriptions.
    private static bool IsReadable(string? entity, CheckedTrigger trigger) =>
        string.Equals(entity, trigger.Entity, StringComparison.OrdinalIgnoreCase)
        || (trigger is CheckedSubscription { TopicName: var topic } && string.Equals(entity, topic, StringComparison.OrdinalIgnoreCase));
}
