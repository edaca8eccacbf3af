namespace KedaJobs.Hosting.Local.Polling;

/// <summary>A queue's runtime counts. Locked messages count as active until they are settled, as in Service Bus.</summary>
internal sealed record QueueCounts(long Active, long DeadLettered);

/// <summary>Reads the trigger's queue. A seam: tests put scripted queues behind it.</summary>
internal interface IQueueReader : IAsyncDisposable
{
    /// <summary>Reads the counts from the management API, as KEDA's scaler does. Any exception means: unknown, never zero.</summary>
    Task<QueueCounts> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The sequence numbers of the oldest active messages, locked ones included; nothing is locked or changed.</summary>
    Task<IReadOnlyList<long>> PeekOldestAsync(int count, CancellationToken cancellationToken);
}
