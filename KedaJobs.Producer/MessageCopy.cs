using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;

namespace KedaJobs.Producer;

/// <summary>A received message as a new one, for the queue it came from or the one it was meant for.</summary>
internal static class MessageCopy
{
    /// <summary>
    /// Copies a message under a MessageId of its own: where the queue has duplicate detection, a copy under the old one
    /// would be accepted and dropped. The new one is the same whenever this message is copied, so that a second attempt
    /// after a failure enqueues no second copy there.
    /// </summary>
    /// <param name="message">The message. The property <see cref="JobProperties.JobId"/> of the copy keeps the job's id.</param>
    /// <param name="prefix">What the new MessageId starts with: why there is a copy.</param>
    public static ServiceBusMessage Of(ServiceBusReceivedMessage message, string prefix)
    {
        var copy = new ServiceBusMessage(message) { MessageId = IdOf(message, prefix) };
        copy.ApplicationProperties[JobProperties.JobId] = JobMessages.IdOf(message);

        // The client leaves these out of a copy and would write the current request's: the job stays in
        // the trace of the request that posted it.
        foreach (var name in JobProperties.TraceContext)
        {
            if (message.ApplicationProperties.TryGetValue(name, out var value))
            {
                copy.ApplicationProperties[name] = value;
            }
        }

        return copy;
    }

    /// <summary>The MessageId of the copy.</summary>
    public static string IdOf(ServiceBusReceivedMessage message, string prefix)
    {
        var id = FormattableString.Invariant($"{prefix}-{message.SequenceNumber}-{JobMessages.IdOf(message)}");
        return id.Length <= JobMessage.MaxIdLength ? id : id[..JobMessage.MaxIdLength];
    }
}
