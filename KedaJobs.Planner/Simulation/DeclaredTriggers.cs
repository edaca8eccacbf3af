using System.Globalization;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>What starts a defined job's executions, in the order of its scale rules.</summary>
/// <param name="Queues">The queues and subscriptions that are counted, without arrivals.</param>
/// <param name="CronRules">The cron rules.</param>
internal sealed record DeclaredTriggers(List<SimulatedQueue> Queues, List<SimulatedCronRule> CronRules)
{
    private const string ServiceBus = "azure-servicebus";

    /// <param name="job">The definition.</param>
    /// <param name="notes">Gets what is not simulated.</param>
    /// <exception cref="PlannerInputException">A rule's metadata cannot be read.</exception>
    public static DeclaredTriggers Of(JobDefinition job, List<string> notes)
    {
        var triggers = new DeclaredTriggers([], []);
        if (job.Trigger is not { } first)
        {
            throw new PlannerInputException(
                $"The job definition's triggerType is {(job.Schedule is null ? "manual" : "schedule")}: "
                + "there is no scale rule to simulate. Name the definition of an event job.");
        }

        foreach (var trigger in (TriggerDefinition[])[first, .. job.FurtherTriggers ?? []])
        {
            triggers.Queues.Add(Entity(job, trigger.Queue, trigger.Topic, trigger.Subscription) with
            {
                MessageCount = trigger.MessageCount,
                ActivationMessageCount = trigger.ActivationMessageCount,
            });
        }

        foreach (var rule in job.Rules)
        {
            triggers.Add(job, rule, notes);
        }

        return triggers;
    }

    private void Add(JobDefinition job, ScaleRuleDefinition rule, List<string> notes)
    {
        // What a reference stands for is known after a deployment only; its name will do for a queue's.
        var metadata = rule.Metadata.ToDictionary(item => item.Key, item => item.Value.ToString());
        switch (rule.Type)
        {
            case ServiceBus:
                Queues.Add(Entity(
                    job, metadata.GetValueOrDefault("queueName"), metadata.GetValueOrDefault("topicName"),
                    metadata.GetValueOrDefault("subscriptionName")) with
                {
                    MessageCount = Count(rule, "messageCount", TriggerReading.DefaultTarget),
                    ActivationMessageCount = Count(rule, "activationMessageCount", 0),
                });
                break;
            case CronTrigger.Type:
                var (cron, problems) = CronTrigger.Parse(metadata);
                CronRules.Add(new(
                    rule.Name, cron ?? throw Wrong(rule, string.Join(" ", problems.Select(problem => $"{problem.Problem} {problem.Cure}"))),
                    Queues.Count));
                break;
            default:
                notes.Add($"the rule '{rule.Name}' ({rule.Type}) is not simulated: what it counts is not part of a scenario");
                break;
        }
    }

    private static long Count(ScaleRuleDefinition rule, string name, long otherwise) =>
        !rule.Metadata.TryGetValue(name, out var text) ? otherwise
            : long.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
            : throw Wrong(rule, $"{name} is '{text}': write a whole number.");

    private static PlannerInputException Wrong(ScaleRuleDefinition rule, string problem) =>
        new($"The job definition's rule '{rule.Name}': {problem}");

    private static SimulatedQueue Entity(JobDefinition job, string? queue, string? topic, string? subscription)
    {
        var (locked, deliveries) = queue is null
            ? job.Topics.Where(other => other.Name == topic).SelectMany(other => other.Subscriptions)
                .Where(other => other.Name == subscription)
                .Select(other => (other.LockDurationSeconds, other.MaxDeliveryCount)).FirstOrDefault()
            : job.Queues.Where(other => other.Name == queue).Select(other => (other.LockDurationSeconds, other.MaxDeliveryCount))
                .FirstOrDefault();
        return SimulatedQueue.Empty(queue ?? $"{topic}/{subscription}") with
        {
            LockDuration = locked is { } seconds ? TimeSpan.FromSeconds((double)seconds) : SimulatedQueue.DefaultLockDuration,
            MaxDeliveryCount = deliveries ?? SimulatedQueue.DefaultMaxDeliveryCount,
        };
    }
}
