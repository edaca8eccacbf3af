using System.ComponentModel;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;

namespace KedaJobs.Producer.DeadLetters;

/// <summary>A message of the dead-letter queue, and why it is there.</summary>
public sealed record DeadLetter
{
    /// <summary>The job's id.</summary>
    [Description("The job's id.")]
    public required string Id { get; init; }

    /// <summary>Name of the task; null when the message does not say.</summary>
    [Description("Name of the task.")]
    public string? Task { get; init; }

    /// <summary>Why it was dead-lettered, in a word.</summary>
    [Description("Why it was dead-lettered: MaxDeliveryCountExceeded, or the reason that the worker gave.")]
    public string? Reason { get; init; }

    /// <summary>Why it was dead-lettered, in a sentence.</summary>
    [Description("Why it was dead-lettered, in a sentence.")]
    public string? Description { get; init; }

    /// <summary>Text of the error that ended the last attempt.</summary>
    [Description("Text of the error that ended the last attempt.")]
    public string? Error { get; init; }

    /// <summary>Type of the error that ended the last attempt.</summary>
    [Description("Type of the error that ended the last attempt.")]
    public string? ErrorType { get; init; }

    /// <summary>The execution that made the last attempt.</summary>
    [Description("The execution that made the last attempt; its log says more.")]
    public string? Execution { get; init; }

    /// <summary>How often it was delivered, as the broker counts.</summary>
    [Description("How often it was delivered, as the broker counts.")]
    public required int DeliveryCount { get; init; }

    /// <summary>When it was enqueued (UTC).</summary>
    [Description("When it was enqueued (UTC).")]
    public required DateTimeOffset EnqueuedTime { get; init; }

    /// <summary>Its number in the queue.</summary>
    [Description("Its number in the queue.")]
    public required long SequenceNumber { get; init; }

    /// <summary>The job's input, when the body is a job.</summary>
    [Description("The job's input.")]
    public JsonElement? Input { get; init; }

    /// <summary>The beginning of the body, if it is not a job.</summary>
    [Description("The beginning of the body, if it is not a job.")]
    public string? Body { get; init; }

    internal static DeadLetter Of(ServiceBusReceivedMessage message)
    {
        var (job, problem) = JobMessages.Read(message);
        return new DeadLetter
        {
            Id = JobMessages.IdOf(message),
            Task = job?.Task ?? message.Subject,
            Reason = message.DeadLetterReason,
            Description = message.DeadLetterErrorDescription ?? problem,
            Error = JobMessages.TextOf(message, JobProperties.LastError),
            ErrorType = JobMessages.TextOf(message, JobProperties.LastErrorType),
            Execution = JobMessages.TextOf(message, JobProperties.LastExecution),
            DeliveryCount = message.DeliveryCount,
            EnqueuedTime = message.EnqueuedTime,
            SequenceNumber = message.SequenceNumber,
            Input = job is null || job.Input.ValueKind == JsonValueKind.Undefined ? null : job.Input,
            Body = job is null ? BeginningOf(message) : null,
        };
    }

    private static string? BeginningOf(ServiceBusReceivedMessage message)
    {
        const int shown = 2_000;
        try
        {
            var text = message.Body.ToString();
            return text.Length <= shown ? text : text[..shown];
        }
        catch (NotSupportedException)
        {
            // AMQP values and sequences are not shown.
            return null;
        }
    }
}
