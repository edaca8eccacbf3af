using System.Globalization;
using System.Text;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Hosting.Local.Entities;

/// <summary>Peeked messages as a table in Markdown.</summary>
internal static class MessageTable
{
    /// <summary>Characters of a body or a description that are shown.</summary>
    private const int Longest = 120;

    public static string Of(IReadOnlyList<ServiceBusReceivedMessage> messages, bool areDeadLetters)
    {
        var table = new StringBuilder(areDeadLetters
            ? "| # | Message ID | Reason | Description | Deliveries | Enqueued (UTC) | Body |\n|---|---|---|---|---|---|---|\n"
            : "| # | Message ID | State | Subject | Deliveries | Enqueued (UTC) | Properties | Body "
                + "|\n|---|---|---|---|---|---|---|---|\n");
        foreach (var message in messages)
        {
            string[] cells = areDeadLetters
                ? [
                    message.DeadLetterReason, message.DeadLetterErrorDescription, Count(message.DeliveryCount), Time(message.EnqueuedTime),
                    Body(message),
                ]
                : [
                    State(message), message.Subject, Count(message.DeliveryCount), Time(message.EnqueuedTime), Properties(message),
                    Body(message),
                ];
            table.Append("| ").AppendJoin(" | ", ((string[])[Count(message.SequenceNumber), message.MessageId, .. cells]).Select(Cell))
                .Append(" |\n");
        }

        return table.ToString();
    }

    private static string State(ServiceBusReceivedMessage message) => message.State is ServiceBusMessageState.Scheduled
        ? $"Scheduled for {Time(message.ScheduledEnqueueTime)}"
        : message.State.ToString();

    private static string Properties(ServiceBusReceivedMessage message) =>
        string.Join(", ", message.ApplicationProperties
            .Select(property => string.Create(CultureInfo.InvariantCulture, $"{property.Key}={property.Value}")));

    private static string Body(ServiceBusReceivedMessage message)
    {
        try
        {
            var bytes = message.Body.ToMemory();
            // Text only: a body that is not UTF-8 would break the table and be unreadable.
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span);
        }
        catch (ArgumentException)
        {
            return $"({message.Body.ToMemory().Length} bytes, not text)";
        }
        catch (NotSupportedException)
        {
            return "(an AMQP value or sequence)";
        }
    }

    private static string Cell(string? text)
    {
        var shown = text ?? "";
        shown = shown.Length <= Longest ? shown : $"{shown[..Longest]}...";
        return shown.ReplaceLineEndings(" ").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal);
    }

    private static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
