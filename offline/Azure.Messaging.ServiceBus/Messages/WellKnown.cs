namespace Azure.Messaging.ServiceBus;

/// <summary>Names that the service and its clients agree on.</summary>
internal static class WellKnown
{
    public const string DeadLetterReason = "DeadLetterReason";
    public const string DeadLetterErrorDescription = "DeadLetterErrorDescription";
    public const string DeadLetterQueueSuffix = "/$DeadLetterQueue";
    public const string TransferDeadLetterQueueSuffix = "/$Transfer/$DeadLetterQueue";
    public const string DiagnosticId = "Diagnostic-Id";
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    public const string SequenceNumber = "x-opt-sequence-number";
    public const string EnqueuedTime = "x-opt-enqueued-time";
    public const string LockedUntil = "x-opt-locked-until";
    public const string EnqueuedSequenceNumber = "x-opt-enqueue-sequence-number";
    public const string MessageState = "x-opt-message-state";
    public const string DeadLetterSource = "x-opt-deadletter-source";
    public const string ScheduledEnqueueTime = "x-opt-scheduled-enqueue-time";
    public const string PartitionKey = "x-opt-partition-key";
    public const string ViaPartitionKey = "x-opt-via-partition-key";

    public static string EntityPath(string entity, SubQueue subQueue) => subQueue switch
    {
        SubQueue.None => entity,
        SubQueue.DeadLetter => entity + DeadLetterQueueSuffix,
        SubQueue.TransferDeadLetter => entity + TransferDeadLetterQueueSuffix,
        _ => throw new ArgumentOutOfRangeException(nameof(subQueue)),
    };
}
