using KedaJobs.Hosting.Publishing;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Hosting.Local.WhatIf;

/// <summary>A declared job under the recorded load, as a simulation takes it: with the declared numbers, as in Azure.</summary>
internal static class WhatIfInput
{
    /// <summary>Makes the input.</summary>
    /// <param name="job">The declaration.</param>
    /// <param name="load">What was recorded, at least one arrival.</param>
    /// <param name="handling">How long a message takes; null: as measured.</param>
    /// <param name="imagePull">From an execution's creation until its container runs.</param>
    public static SimulationInput Of(EventJobAnnotation job, MeasuredLoad load, Distribution? handling, TimeSpan imagePull)
    {
        var (options, begin) = (job.Options, load.Begin!.Value);
        return new()
        {
            Queues = [.. job.Triggers.Zip(load.Arrivals, (trigger, arrivals) => Queue(options, trigger, arrivals, begin))],
            CronRules = [.. CronRules(job)],
            Start = begin,
            Scale = new((int)options.PollingInterval.TotalSeconds, options.MinExecutions, options.MaxExecutions),
            Execution = new(
                (int)options.ReplicaTimeout.TotalSeconds, options.ReplicaRetryLimit, options.Parallelism, options.ReplicaCompletionCount),
            Resources = new(options.Cpu, options.MemoryGi),
            Worker = new() { Concurrency = load.Concurrency ?? 1, MessageBudget = options.MessageBudget, TimeBudget = options.TimeBudget },
            Work = handling ?? Distribution.Measured(load.Handling),
            ImagePull = Distribution.Constant(imagePull),
            ProcessStart = load.ColdStarts.Count == 0 ? Distribution.Constant(TimeSpan.Zero) : Distribution.Measured(load.ColdStarts),
        };
    }

    /// <summary>What the simulation leaves out, one sentence each.</summary>
    public static IEnumerable<string> LeftOut(EventJobAnnotation job, MeasuredLoad load)
    {
        foreach (var (trigger, _) in job.Triggers.Zip(load.Arrivals).Where(pair => pair.Second is null))
        {
            yield return $"The arrivals of '{trigger.Entity.Path}' are not recorded: its namespace does not run on the embedded broker. "
                + "It is simulated as empty.";
        }

        foreach (var rule in PublishedAccess.FurtherRules(job).Where(rule => rule.Type != CronTrigger.Type))
        {
            yield return $"The rule '{rule.Name}' ({rule.Type}) is not simulated.";
        }

        if (load.IsCut)
        {
            yield return $"More than {DisplayText.Count(EntityLoad.MostArrivals)} messages arrived: only the last ones are simulated.";
        }
    }

    private static SimulatedQueue Queue(
        EventJobOptions options, EntityTrigger trigger, IReadOnlyList<Arrival>? arrivals, DateTimeOffset begin)
    {
        var (locked, deliveries) = trigger.Entity switch
        {
            TriggerEntity.Queue { Declared: var queue } => (queue.LockDuration, queue.MaxDeliveryCount),
            TriggerEntity.Subscription { Declared: var subscription } => (subscription.LockDuration, subscription.MaxDeliveryCount),
            _ => default,
        };
        var empty = SimulatedQueue.Empty(trigger.Entity.Path);
        return empty with
        {
            // Of one transaction, all messages have one time; a clock that was set back would put later ones before earlier ones.
            Arrivals = arrivals is { Count: > 0 }
                ? ArrivalPattern.Trace(arrivals.OrderBy(arrival => arrival.At).Select(arrival => (arrival.At - begin, arrival.Size)))
                : empty.Arrivals,
            MessageCount = trigger.MessageCount ?? options.MessageCount,
            ActivationMessageCount = trigger.ActivationMessageCount ?? options.ActivationMessageCount,
            LockDuration = locked ?? SimulatedQueue.DefaultLockDuration,
            MaxDeliveryCount = deliveries ?? SimulatedQueue.DefaultMaxDeliveryCount,
        };
    }

    private static IEnumerable<SimulatedCronRule> CronRules(EventJobAnnotation job) =>
        from rule in PublishedAccess.FurtherRules(job)
        where rule.Type == CronTrigger.Type
        let trigger = CronTrigger.Parse(rule.Metadata).Trigger
        where trigger is not null
        select new SimulatedCronRule(rule.Name, trigger, job.Triggers.Count);
}
