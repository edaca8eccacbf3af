using KedaJobs.Scaling.Executions;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>The reading of a trigger.</summary>
/// <param name="Active">
/// What KEDA's rule divides by the target: of a queue, its active messages. Locked messages count
/// until they are settled, as in Service Bus.
/// </param>
/// <param name="DeadLettered">Messages in its dead-letter queue; null where it has none.</param>
internal sealed record TriggerCounts(long Active, long? DeadLettered = null);

/// <summary>Reads a trigger. A seam: tests use scripted queues.</summary>
internal interface ITriggerReader : IAsyncDisposable
{
    /// <summary>Reads the counts from where KEDA's scaler does. Any exception means: unknown, never zero.</summary>
    Task<TriggerCounts> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Looks at the oldest messages; nothing is locked or changed.</summary>
    /// <returns>Null where there is nothing to look at: the trigger has no messages.</returns>
    Task<QueueLook?> LookAsync(int count, DateTimeOffset now, CancellationToken cancellationToken) => Task.FromResult<QueueLook?>(null);
}

/// <summary>One of the triggers that a job is scaled by.</summary>
/// <param name="Name">What users call it: an entity's path.</param>
/// <param name="Target">The messages that one execution should take (KEDA's <c>messageCount</c>).</param>
/// <param name="Activation">The trigger is active only above this many.</param>
/// <param name="Reader">Reads it.</param>
internal sealed record JobTrigger(string Name, int Target, int Activation, ITriggerReader Reader) : IAsyncDisposable
{
    /// <summary>Whether messages are what it counts.</summary>
    public bool HasMessages { get; init; } = true;

    /// <summary>The reading for KEDA's rule; without counts, that it could not be read.</summary>
    public TriggerReading Reading(TriggerCounts? counts)
    {
        var reading = counts is null ? TriggerReading.Failed : new TriggerReading(counts.Active, Target, Activation);
        return HasMessages ? reading : reading with { Noun = CronTrigger.Noun };
    }

    public ValueTask DisposeAsync() => Reader.DisposeAsync();
}
