namespace KedaJobs.Hosting.Checks;

/// <summary>The queue's own properties. Source of the ranges: Service Bus quotas and the queue's REST description.</summary>
internal static class QueueChecks
{
    /// <summary>Above this a message that always fails costs more than any patience with a passing fault is worth.</summary>
    private const int PatientDeliveryCount = 100;

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        if (job.Trigger is not CheckedQueue queue)
        {
            yield break;
        }

        if (OutOfRange(queue.LockDuration, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)))
        {
            yield return Range(job, queue, "LockDuration", queue.LockDuration, "5 seconds to 5 minutes; the worker renews locks for longer work");
        }

        if (queue.MaxDeliveryCount is < 1 or > 2000)
        {
            yield return Range(job, queue, "MaxDeliveryCount", queue.MaxDeliveryCount, "1 to 2000");
        }
        else if (queue.MaxDeliveryCount > PatientDeliveryCount)
        {
            yield return new(CheckCode.EndlessRetries, job.Resource,
                $"'{queue.QueueName}' gives up on a message only after {queue.MaxDeliveryCount} deliveries: "
                + "one that always fails keeps executions starting, and is paid for, all that time.",
                "Lower MaxDeliveryCount (5 to 10 is usual), so that it is dead-lettered.");
        }

        if (OutOfRange(queue.DefaultMessageTimeToLive, TimeSpan.FromSeconds(1), TimeSpan.MaxValue))
        {
            yield return Range(job, queue, "DefaultMessageTimeToLive", queue.DefaultMessageTimeToLive, "1 second or more");
        }
        else if (queue.DefaultMessageTimeToLive is { } timeToLive && timeToLive < TimeSpan.MaxValue && queue.DeadLetteringOnMessageExpiration != true)
        {
            yield return new(CheckCode.SilentExpiry, job.Resource,
                $"messages in '{queue.QueueName}' expire after {timeToLive} and are then dropped.",
                "Set DeadLetteringOnMessageExpiration, so that they are found in the dead-letter queue.");
        }

        if (OutOfRange(queue.DuplicateDetectionHistoryTimeWindow, TimeSpan.FromSeconds(20), TimeSpan.FromDays(7)))
        {
            yield return Range(job, queue, "DuplicateDetectionHistoryTimeWindow", queue.DuplicateDetectionHistoryTimeWindow, "20 seconds to 7 days");
        }
    }

    private static bool OutOfRange(TimeSpan? value, TimeSpan min, TimeSpan max) => value < min || value > max;

    private static CheckFinding Range(CheckedJob job, CheckedQueue queue, string property, object? value, string range) =>
        new(CheckCode.QueueRange, job.Resource, $"{property} of '{queue.QueueName}' is {value}.", $"Service Bus takes {range}.");
}
