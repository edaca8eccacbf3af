using System.Globalization;
using System.Text.Json;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Hosting.Local.Entities;

/// <summary>A message created from the input of the dashboard's prompt.</summary>
internal static class MessageInput
{
    /// <summary>Makes the message's content.</summary>
    /// <param name="body">The body; null: empty.</param>
    /// <param name="contentType">The content type; null: <c>application/json</c> if the body is JSON, otherwise <c>text/plain</c>.</param>
    public static ServiceBusMessage Create(string? body, string? contentType) => new(body ?? "")
    {
        ContentType = contentType ?? (IsJson(body) ? "application/json" : "text/plain"),
    };

    /// <summary>Reads application properties.</summary>
    /// <param name="text">A JSON object of strings, numbers and booleans; null or empty: none.</param>
    /// <param name="problem">What is wrong with it, or null.</param>
    public static IReadOnlyDictionary<string, object> Properties(string? text, out string? problem)
    {
        problem = null;
        var properties = new Dictionary<string, object>();
        if (string.IsNullOrWhiteSpace(text))
        {
            return properties;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                problem = """Write a JSON object, for instance {"priority": 1}.""";
                return properties;
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (Value(property.Value) is not { } value)
                {
                    problem = $"The value of '{property.Name}' must be a string, a number, true or false.";
                    return properties;
                }

                properties[property.Name] = value;
            }
        }
        catch (JsonException exception)
        {
            problem = $"This is not JSON: {exception.Message}";
        }

        return properties;
    }

    /// <summary>Reads when a message becomes active.</summary>
    /// <param name="text">
    /// A number of seconds from now, a time span such as <c>00:05:00</c>, or a time such as
    /// <c>2026-08-01T12:00:00Z</c>; null or empty: at once.
    /// </param>
    /// <param name="now">The time now.</param>
    /// <param name="problem">What is wrong with it, or null.</param>
    public static DateTimeOffset? ScheduledTime(string? text, DateTimeOffset now, out string? problem)
    {
        problem = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= TimeSpan.FromDays(3_650).TotalSeconds)
        {
            return now.AddSeconds(seconds);
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var delay)
            && delay >= TimeSpan.Zero
            && delay <= TimeSpan.FromDays(3_650))
        {
            return now + delay;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        problem = "Write a number of seconds (30), a time span (00:05:00), or a time in UTC (2026-08-01T12:00:00Z).";
        return null;
    }

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.TryGetInt64(out var integer) => integer,
        JsonValueKind.Number => value.GetDouble(),
        _ => null,
    };

    private static bool IsJson(string? body)
    {
        if (string.IsNullOrWhiteSpace(body))
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
