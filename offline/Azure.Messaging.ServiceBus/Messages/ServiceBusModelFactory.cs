using System.Collections.ObjectModel;
using Azure.Messaging.ServiceBus.Administration;

namespace Azure.Messaging.ServiceBus;

public static class ServiceBusModelFactory
{
    public static ServiceBusReceivedMessage ServiceBusReceivedMessage(
        BinaryData body = null,
        string messageId = null,
        string partitionKey = null,
        string viaPartitionKey = null,
        string sessionId = null,
        string replyToSessionId = null,
        TimeSpan timeToLive = default,
        string correlationId = null,
        string subject = null,
        string to = null,
        string contentType = null,
        string replyTo = null,
        DateTimeOffset scheduledEnqueueTime = default,
        IDictionary<string, object> properties = null,
        Guid lockTokenGuid = default,
        int deliveryCount = 0,
        DateTimeOffset lockedUntil = default,
        long sequenceNumber = -1,
        string deadLetterSource = null,
        long enqueuedSequenceNumber = 0,
        DateTimeOffset enqueuedTime = default,
        ServiceBusMessageState serviceBusMessageState = ServiceBusMessageState.Active) => new()
        {
            RawBody = MessageBody.FromData((body ?? new BinaryData(ReadOnlyMemory<byte>.Empty)).ToMemory()),
            MessageId = messageId,
            PartitionKey = partitionKey,
            TransactionPartitionKey = viaPartitionKey,
            SessionId = sessionId,
            ReplyToSessionId = replyToSessionId,
            TimeToLive = timeToLive == default ? TimeSpan.MaxValue : timeToLive,
            CorrelationId = correlationId,
            Subject = subject,
            To = to,
            ContentType = contentType,
            ReplyTo = replyTo,
            ScheduledEnqueueTime = scheduledEnqueueTime,
            ApplicationProperties = new ReadOnlyDictionary<string, object>(properties is null ? [] : new Dictionary<string, object>(properties)),
            LockTokenGuid = lockTokenGuid,
            DeliveryCount = deliveryCount,
            LockedUntil = lockedUntil,
            SequenceNumber = sequenceNumber,
            DeadLetterSource = deadLetterSource,
            EnqueuedSequenceNumber = enqueuedSequenceNumber,
            EnqueuedTime = enqueuedTime,
            State = serviceBusMessageState,
        };

    public static ServiceBusMessageBatch ServiceBusMessageBatch(
        long batchSizeBytes,
        IList<ServiceBusMessage> batchMessageStore,
        CreateMessageBatchOptions batchOptions = null,
        Func<ServiceBusMessage, bool> tryAddCallback = null) =>
        new(batchOptions?.MaxSizeInBytes ?? long.MaxValue, new ListedMessages(batchSizeBytes, batchMessageStore, tryAddCallback ?? (_ => true)));

    public static QueueRuntimeProperties QueueRuntimeProperties(
        string name,
        long activeMessageCount = 0,
        long scheduledMessageCount = 0,
        long deadLetterMessageCount = 0,
        long transferDeadLetterMessageCount = 0,
        long transferMessageCount = 0,
        long totalMessageCount = 0,
        long sizeInBytes = 0,
        DateTimeOffset createdAt = default,
        DateTimeOffset updatedAt = default,
        DateTimeOffset accessedAt = default) => new(name)
        {
            ActiveMessageCount = activeMessageCount,
            ScheduledMessageCount = scheduledMessageCount,
            DeadLetterMessageCount = deadLetterMessageCount,
            TransferDeadLetterMessageCount = transferDeadLetterMessageCount,
            TransferMessageCount = transferMessageCount,
            TotalMessageCount = totalMessageCount,
            SizeInBytes = sizeInBytes,
            CreatedAt = createdAt,
            UpdatedAt = updatedAt,
            AccessedAt = accessedAt,
        };
}
