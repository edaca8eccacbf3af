using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Jobs.Handling;

/// <summary>What one message is for a handler: its name in logs and results, and the work itself.</summary>
/// <param name="Task">The task's name, or the message type's.</param>
/// <param name="InvokeAsync">Reads the input, runs the handler, and returns the output as JSON; null if the handler has none.</param>
internal sealed record JobCall(string Task, Func<JobContext, CancellationToken, Task<byte[]?>> InvokeAsync);

/// <summary>The handlers of one queue, and the choice of the handler for a message.</summary>
internal sealed class JobHandlers
{
    private readonly Dictionary<string, TaskHandler> _tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MessageHandler> _messages = new(StringComparer.Ordinal);
    private MessageHandler? _default;

    public delegate Task<byte[]?> TaskHandler(JsonElement input, JobContext job, CancellationToken cancellationToken);

    public delegate Task<byte[]?> MessageHandler(ServiceBusReceivedMessage message, JobContext job, CancellationToken cancellationToken);

    public void AddTask(string task, TaskHandler handler)
    {
        if (!_tasks.TryAdd(task, handler))
        {
            throw new QueueJobConfigurationException($"Task '{task}' already has a handler.");
        }
    }

    public void AddMessage(string subject, MessageHandler handler)
    {
        if (!_messages.TryAdd(subject, handler))
        {
            throw new QueueJobConfigurationException($"Messages with the subject '{subject}' already have a handler.");
        }
    }

    public void AddDefault(MessageHandler handler) =>
        _default = _default is null ? handler : throw new QueueJobConfigurationException("There is already a default handler.");

    /// <exception cref="QueueJobConfigurationException">There is no handler at all.</exception>
    public void RequireAny(string connection)
    {
        if (_tasks.Count == 0 && _messages.Count == 0 && _default is null)
        {
            throw new QueueJobConfigurationException(
                $"The queue job '{connection}' has no handler. Call AddTaskHandler, AddMessageHandler or AddDefaultHandler.");
        }
    }

    /// <summary>Finds the handler: by subject, by the task that the body names, or else the default one.</summary>
    /// <exception cref="JobRejectedException">No handler matches this message.</exception>
    public JobCall Find(ServiceBusReceivedMessage message)
    {
        if (message.Subject is { } subject && _messages.TryGetValue(subject, out var bySubject))
        {
            return new(subject, (job, token) => bySubject(message, job, token));
        }

        string? problem = null;
        if (_tasks.Count > 0 && TryReadTask(message, out var task, out var input, out problem))
        {
            if (_tasks.TryGetValue(task, out var byTask))
            {
                return new(task, (job, token) => byTask(input, job, token));
            }

            problem = null;
            if (_default is null)
            {
                throw new JobRejectedException(
                    "UnknownTask", $"There is no handler for task '{task}'. This worker knows: {string.Join(", ", _tasks.Keys)}.");
            }
        }

        if (_default is not null)
        {
            return new(message.Subject ?? "", (job, token) => _default(message, job, token));
        }

        // A queue with one type of message needs no subject.
        if (_tasks.Count == 0 && _messages.Count == 1 && string.IsNullOrEmpty(message.Subject))
        {
            var (name, only) = _messages.Single();
            return new(name, (job, token) => only(message, job, token));
        }

        throw problem is not null ? new JobRejectedException("MalformedMessage", problem)
            : new JobRejectedException(
                "UnknownSubject",
                $"There is no handler for the subject '{message.Subject}'. This worker knows: {string.Join(", ", _messages.Keys)}.");
    }

    /// <summary>JSON text of what <paramref name="write"/> writes.</summary>
    public static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    // { "task": "resize", "input": ... }; unknown fields are ignored: a newer sender may add some.
    private static bool TryReadTask(
        ServiceBusReceivedMessage message, [NotNullWhen(true)] out string? task, out JsonElement input,
        [NotNullWhen(false)] out string? problem)
    {
        (task, input, problem) = (null, default, null);
        try
        {
            var body = JsonElement.Parse(message.Body);
            if (body.ValueKind == JsonValueKind.Object
                && body.TryGetProperty("task", out var name)
                && name.ValueKind == JsonValueKind.String)
            {
                task = name.GetString()!;
                input = body.TryGetProperty("input", out var given) ? given : default;
                return true;
            }

            problem = "The body must be a JSON object with a field 'task' (text) and a field 'input'.";
        }
        catch (JsonException e)
        {
            problem = $"The body must be a JSON object with the fields 'task' and 'input': {e.Message}";
        }
        catch (NotSupportedException e)
        {
            // AMQP values and sequences have no bytes.
            problem = $"The body must be bytes: {e.Message}";
        }

        return false;
    }
}
