namespace KedaJobs.Hosting.Checks;

/// <summary>Waits that never end while the AppHost runs.</summary>
internal static class WaitChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedModel model)
    {
        var jobs = model.Jobs.ToDictionary(job => job.Resource);
        var jobOfSlot = model.Jobs.SelectMany(job => job.Slots, (job, slot) => (slot, job))
            .ToDictionary(pair => pair.slot, pair => pair.job);
        foreach (var wait in model.Waits)
        {
            if (wait.IsForCompletion && jobs.ContainsKey(wait.Target))
            {
                yield return new(CheckCode.EndlessWait, wait.Waiter,
                    $"it waits for the completion of '{wait.Target}', which is a job: its executions complete, the job itself does not.",
                    $"Write WaitFor({wait.Target}) to wait until the job is ready, or wait for what an execution produces.");
            }
            else if (jobOfSlot.TryGetValue(wait.Target, out var job) && job.Resource == wait.Waiter)
            {
                yield return new(CheckCode.EndlessWait, wait.Waiter,
                    $"it waits for its own execution '{wait.Target}', which starts only after the wait.",
                    "Remove the wait.");
            }
        }

        // One finding for each ring, at the job that it goes through.
        var targets = model.Waits.ToLookup(
            wait => wait.Waiter, wait => jobOfSlot.TryGetValue(wait.Target, out var job) ? job.Resource : wait.Target);
        var known = new HashSet<string>();
        foreach (var job in model.Jobs)
        {
            if (Ring(job.Resource, targets) is { } ring && known.Add(string.Join('|', ring.Order(StringComparer.Ordinal))))
            {
                yield return new(CheckCode.EndlessWait, job.Resource,
                    $"resources wait for each other: {string.Join(" -> ", [.. ring, job.Resource])}.",
                    "Remove one of the waits.");
            }
        }
    }

    /// <summary>The shortest way from a resource back to itself over others; null if there is none.</summary>
    private static List<string>? Ring(string from, ILookup<string, string> targets)
    {
        var ways = new Queue<List<string>>([[from]]);
        var seen = new HashSet<string>();
        while (ways.TryDequeue(out var way))
        {
            foreach (var target in targets[way[^1]])
            {
                if (target == from && way.Count > 1)
                {
                    return way;
                }

                if (target != from && seen.Add(target))
                {
                    ways.Enqueue([.. way, target]);
                }
            }
        }

        return null;
    }
}
