using System.Globalization;
using System.Text.Json;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Contracts;

/// <summary>Jobs as messages of Service Bus.</summary>
public static class JobMessages
{
    /// <summary>
    /// The job's id: <see cref="JobProperties.JobId"/>, or the MessageId, or (other senders may leave it out) the sequence number.
    /// </summary>
    /// <param name="message">A message of the jobs queue or of its dead-letter queue.</param>
    /// <returns>The id.</returns>
    public static string IdOf(ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return TextOf(message, JobProperties.JobId) is { Length: > 0 } original ? original
            : message.MessageId is { Length: > 0 } id ? id
            : message.SequenceNumber.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Reads the body.</summary>
    /// <param name="message">A message of the jobs queue or of its dead-letter queue.</param>
    /// <returns>The job, or null and what is wrong with the body.</returns>
    public static (JobMessage? Job, string? Problem) Read(ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            var job = JsonSerializer.Deserialize(message.Body, MessagesJsonContext.Default.JobMessage);
            return (job, job is null ? "The body is null; it must be a JSON object with task and input." : null);
        }
        catch (JsonException e)
        {
            return (null, $"The body must be a JSON object with task and input: {e.Message}");
        }
        catch (NotSupportedException e)
        {
            // AMQP values and sequences have no bytes.
            return (null, $"The body must be bytes: {e.Message}");
        }
    }

    /// <summary>An application property that is text.</summary>
    /// <param name="message">The message.</param>
    /// <param name="property">The property's name.</param>
    /// <returns>The text, or null.</returns>
    public static string? TextOf(ServiceBusReceivedMessage message, string property)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.ApplicationProperties.TryGetValue(property, out var value) ? value as string : null;
    }
}
