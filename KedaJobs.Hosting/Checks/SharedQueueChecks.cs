namespace KedaJobs.Hosting.Checks;

/// <summary>Jobs that stand in each other's way.</summary>
internal static class SharedQueueChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedModel model) =>
        from job in model.Jobs
        group job by (job.Trigger.Namespace, Entity: job.Trigger.Entity.ToLowerInvariant()) into sharing
        where sharing.Count() > 1
        let names = string.Join(" and ", sharing.Select(job => $"'{job.Resource}'"))
        select new CheckFinding(CheckCode.QueueShared, sharing.Last().Resource,
            $"{names} are triggered by '{sharing.First().Trigger.Entity}': each is scaled for all of its messages, so too many executions start, "
            + "and which of them gets a message is chance.",
            "Give each job a queue of its own, or use a topic with one subscription each.");
}
