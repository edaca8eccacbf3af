namespace KedaJobs.Hosting.Checks;

/// <summary>Triggers that conflict with each other.</summary>
internal static class SharedQueueChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedModel model)
    {
        var triggers = model.Jobs.SelectMany(job => job.Triggers, (job, trigger) => (Job: job, Trigger: trigger)).ToList();
        foreach (var sharing in triggers.GroupBy(pair => Key(pair.Trigger.Namespace, pair.Trigger.Entity))
            .Where(sharing => sharing.Count() > 1))
        {
            var jobs = sharing.Select(pair => pair.Job.Resource).Distinct().ToList();
            yield return jobs is [var only]
                ? new(CheckCode.QueueShared, only,
                    $"'{sharing.First().Trigger.Entity}' triggers it twice.",
                    "Pass each queue or subscription once, to AsEventJob or to WithTrigger.")
                : new(CheckCode.QueueShared, jobs[^1],
                    $"{string.Join(" and ", jobs.Select(job => $"'{job}'"))} are triggered by '{sharing.First().Trigger.Entity}': "
                    + "each is scaled for all of its messages, "
                    + "so too many executions start, and it is random which job gets a message.",
                    "Give each job its own queue, or use a topic with one subscription each.");
        }

        foreach (var job in model.Jobs)
        {
            foreach (var rule in job.FurtherRules.Where(rule => rule.Type == ScaleRuleChecks.ServiceBusType))
            {
                // The namespace of such a rule is a name in Azure: which declared namespace it is can only be guessed.
                var same = triggers.Where(pair => ScaleRuleChecks.EntityOf(rule) is { } entity
                    && entity.Equals(pair.Trigger.Entity, StringComparison.OrdinalIgnoreCase));
                foreach (var (other, trigger) in same)
                {
                    yield return new(CheckCode.RuleSharesQueue, job.Resource,
                        $"scale rule '{rule.Name}' counts '{trigger.Entity}', which triggers '{other.Resource}': "
                        + (other == job
                            ? "its messages are counted twice."
                            : "if it is the same queue, both jobs are scaled for all of its messages."),
                        other == job
                            ? "Remove the rule."
                            : "Give each job its own queue, or ignore this if the rule counts a queue of another namespace.");
                }
            }
        }
    }

    private static (string Namespace, string Entity) Key(string bus, string entity) => (bus, entity.ToLowerInvariant());
}
