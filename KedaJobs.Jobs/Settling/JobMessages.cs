using System.Globalization;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Jobs.Settling;

/// <summary>What a message says about its job, apart from its body.</summary>
internal static class JobMessages
{
    public static JobContext ContextOf(ServiceBusReceivedMessage message) =>
        new(IdOf(message), AttemptsOf(message) + message.DeliveryCount)
        {
            FirstEnqueuedTime = FirstEnqueuedTimeOf(message),
            Message = message,
        };

    public static string? TextOf(ServiceBusReceivedMessage message, string property) =>
        message.ApplicationProperties.TryGetValue(property, out var value) ? value as string : null;

    /// <summary>The JobId, or the MessageId, or (other senders may leave it out) the sequence number.</summary>
    private static string IdOf(ServiceBusReceivedMessage message) =>
        TextOf(message, JobProperties.JobId) is { Length: > 0 } original ? original
        : message.MessageId is { Length: > 0 } id ? id
        : message.SequenceNumber.ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset? FirstEnqueuedTimeOf(ServiceBusReceivedMessage message) =>
        message.ApplicationProperties.TryGetValue(JobProperties.FirstEnqueuedTime, out var value)
            ? value switch
            {
                DateTimeOffset time => time,
                DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
                _ => EnqueuedTimeOf(message),
            }
            : EnqueuedTimeOf(message);

    private static DateTimeOffset? EnqueuedTimeOf(ServiceBusReceivedMessage message) =>
        message.EnqueuedTime > DateTimeOffset.MinValue ? message.EnqueuedTime : null;

    private static int AttemptsOf(ServiceBusReceivedMessage message) =>
        message.ApplicationProperties.TryGetValue(JobProperties.Attempts, out var value) && value is int attempts ? attempts : 0;
}
