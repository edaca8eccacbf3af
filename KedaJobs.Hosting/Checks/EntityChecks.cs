namespace KedaJobs.Hosting.Checks;

/// <summary>
/// The trigger's own properties. Source of the ranges: Service Bus quotas and the REST descriptions of queue and subscription. The portal's
/// own limits (2000 deliveries) and the official emulator's (locks from 5 seconds) are not Azure Resource Manager's.
/// </summary>
internal static class EntityChecks
{
    /// <summary>Above this a message that always fails costs more than any patience with a passing fault is worth.</summary>
    private const int PatientDeliveryCount = 100;

    public static IEnumerable<CheckFinding> Run(CheckedJob job, CheckedTrigger trigger)
    {
        if (OutOfRange(trigger.LockDuration, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)))
        {
            yield return Range(
                job, trigger, "LockDuration", trigger.LockDuration, "1 second to 5 minutes; the worker renews locks for longer work");
        }

        if (trigger.MaxDeliveryCount < 1)
        {
            yield return Range(job, trigger, "MaxDeliveryCount", trigger.MaxDeliveryCount, "1 or more");
        }
        else if (trigger.MaxDeliveryCount > PatientDeliveryCount)
        {
            yield return new(CheckCode.EndlessRetries, job.Resource,
                $"'{trigger.Entity}' dead-letters a message only after {trigger.MaxDeliveryCount} deliveries: "
                    + "until then, a message that always fails keeps starting executions that you pay for.",
                "Lower MaxDeliveryCount (5 to 10 is typical).");
        }

        if (OutOfRange(trigger.DefaultMessageTimeToLive, TimeSpan.FromSeconds(1), TimeSpan.MaxValue))
        {
            yield return Range(job, trigger, "DefaultMessageTimeToLive", trigger.DefaultMessageTimeToLive, "1 second or more");
        }
        else if (trigger.DefaultMessageTimeToLive is { } timeToLive
            && timeToLive < TimeSpan.MaxValue
            && trigger.DeadLetteringOnMessageExpiration != true)
        {
            yield return new(CheckCode.SilentExpiry, job.Resource,
                $"messages in '{trigger.Entity}' expire after {timeToLive} and are then dropped.",
                "Set DeadLetteringOnMessageExpiration to keep them in the dead-letter queue.");
        }

        if (trigger is CheckedQueue { DuplicateDetectionHistoryTimeWindow: var window }
            && OutOfRange(window, TimeSpan.FromSeconds(20), TimeSpan.FromDays(7)))
        {
            yield return Range(job, trigger, "DuplicateDetectionHistoryTimeWindow", window, "20 seconds to 7 days");
        }
    }

    private static bool OutOfRange(TimeSpan? value, TimeSpan min, TimeSpan max) => value < min || value > max;

    private static CheckFinding Range(CheckedJob job, CheckedTrigger trigger, string property, object? value, string range) =>
        new(CheckCode.EntityRange, job.Resource, $"{property} of '{trigger.Entity}' is {value}.", $"Service Bus takes {range}.");
}
