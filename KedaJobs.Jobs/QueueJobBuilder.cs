using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Jobs;

/// <summary>The handlers of a queue job. <see cref="QueueJobExtensions.AddQueueJob"/> returns one.</summary>
/// <remarks>
/// A message goes to the handler of its subject; otherwise to the handler of the task that its body names
/// (<c>{ "task": "...", "input": ... }</c>); otherwise to the default handler. A message without a matching handler is
/// dead-lettered. If there is one message handler and no other handler, it also gets messages without a subject.
/// Handlers are created once, when the host starts.
/// </remarks>
public sealed class QueueJobBuilder
{
    private readonly List<Action<IServiceProvider, JobHandlers>> _handlers = [];

    internal QueueJobBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds the handler of a task: of messages whose body is <c>{ "task": NAME, "input": ... }</c>.</summary>
    /// <typeparam name="TInput">The input.</typeparam>
    /// <typeparam name="TOutput">The result.</typeparam>
    /// <param name="task">The task's name; case matters.</param>
    /// <param name="input">
    /// How the input is read, from a source-generated <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.
    /// </param>
    /// <param name="output">How the result is written.</param>
    /// <param name="create">Creates the handler.</param>
    /// <returns>The same builder.</returns>
    public QueueJobBuilder AddTaskHandler<TInput, TOutput>(
        string task, JsonTypeInfo<TInput> input, JsonTypeInfo<TOutput> output, Func<IServiceProvider, IJobHandler<TInput, TOutput>> create)
        where TInput : class
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        return AddTaskHandler(
            task, json => Read(json, input), (writer, result) => JsonSerializer.Serialize(writer, result, output), create);
    }

    /// <summary>Adds the handler of a task that reads its own input and writes its own result, for instance to check the input.</summary>
    /// <typeparam name="TInput">The input.</typeparam>
    /// <typeparam name="TOutput">The result.</typeparam>
    /// <param name="task">The task's name; case matters.</param>
    /// <param name="read">
    /// Reads the input: undefined if the message has none. Throws <see cref="JobRejectedException"/> if the input is wrong.
    /// </param>
    /// <param name="write">Writes the result as one JSON value.</param>
    /// <param name="create">Creates the handler.</param>
    /// <returns>The same builder.</returns>
    public QueueJobBuilder AddTaskHandler<TInput, TOutput>(
        string task, Func<JsonElement, TInput> read, Action<Utf8JsonWriter, TOutput> write,
        Func<IServiceProvider, IJobHandler<TInput, TOutput>> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(task);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(create);
        return Add((services, handlers) =>
        {
            var handler = create(services);
            handlers.AddTask(task, async (json, job, cancellationToken) =>
            {
                var output = await handler.HandleAsync(read(json), job, cancellationToken).ConfigureAwait(false);
                return JobHandlers.Json(writer => write(writer, output));
            });
        });
    }

    /// <summary>Adds the handler of a task that has no result.</summary>
    /// <typeparam name="TInput">The input.</typeparam>
    /// <param name="task">The task's name; case matters.</param>
    /// <param name="input">How the input is read.</param>
    /// <param name="create">Creates the handler.</param>
    /// <returns>The same builder.</returns>
    public QueueJobBuilder AddTaskHandler<TInput>(
        string task, JsonTypeInfo<TInput> input, Func<IServiceProvider, IJobHandler<TInput>> create)
        where TInput : class
    {
        ArgumentException.ThrowIfNullOrEmpty(task);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(create);
        return Add((services, handlers) =>
        {
            var handler = create(services);
            handlers.AddTask(task, async (json, job, cancellationToken) =>
            {
                await handler.HandleAsync(Read(json, input), job, cancellationToken).ConfigureAwait(false);
                return null;
            });
        });
    }

    /// <summary>Adds the handler of a message type: of messages whose body is that type as JSON, with a result.</summary>
    /// <typeparam name="TMessage">The type.</typeparam>
    /// <typeparam name="TOutput">The result.</typeparam>
    /// <param name="message">How the body is read.</param>
    /// <param name="output">How the result is written.</param>
    /// <param name="create">Creates the handler.</param>
    /// <param name="subject">The subject of these messages; case matters. Null: the type's name.</param>
    /// <returns>The same builder.</returns>
    public QueueJobBuilder AddMessageHandler<TMessage, TOutput>(
        JsonTypeInfo<TMessage> message,
        JsonTypeInfo<TOutput> output,
        Func<IServiceProvider, IJobHandler<TMessage, TOutput>> create,
        string? subject = null)
        where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(create);
        return Add((services, handlers) =>
        {
            var handler = create(services);
            handlers.AddMessage(subject ?? typeof(TMessage).Name, async (received, job, cancellationToken) =>
            {
                var result = await handler.HandleAsync(Read(received, message), job, cancellationToken).ConfigureAwait(false);
                return JobHandlers.Json(writer => JsonSerializer.Serialize(writer, result, output));
            });
        });
    }

    /// <summary>Adds the handler of a message type: of messages whose body is that type as JSON, without a result.</summary>
    /// <typeparam name="TMessage">The type.</typeparam>
    /// <param name="message">How the body is read.</param>
    /// <param name="create">Creates the handler.</param>
    /// <param name="subject">The subject of these messages; case matters. Null: the type's name.</param>
    /// <returns>The same builder.</returns>
    public QueueJobBuilder AddMessageHandler<TMessage>(
        JsonTypeInfo<TMessage> message, Func<IServiceProvider, IJobHandler<TMessage>> create, string? subject = null)
        where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(create);
        return Add((services, handlers) =>
        {
            var handler = create(services);
            handlers.AddMessage(subject ?? typeof(TMessage).Name, async (received, job, cancellationToken) =>
            {
                await handler.HandleAsync(Read(received, message), job, cancellationToken).ConfigureAwait(false);
                return null;
            });
        });
    }

    /// <summary>Adds the handler of every message that no other handler matches, whatever its body is.</summary>
    /// <param name="create">Creates the handler.</param>
    /// <returns>The same builder.</returns>
    public QueueJobBuilder AddDefaultHandler(Func<IServiceProvider, IJobHandler<ServiceBusReceivedMessage>> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return Add((services, handlers) =>
        {
            var handler = create(services);
            handlers.AddDefault(async (received, job, cancellationToken) =>
            {
                await handler.HandleAsync(received, job, cancellationToken).ConfigureAwait(false);
                return null;
            });
        });
    }

    internal JobHandlers Build(IServiceProvider services)
    {
        var handlers = new JobHandlers();
        foreach (var add in _handlers)
        {
            add(services, handlers);
        }

        return handlers;
    }

    private QueueJobBuilder Add(Action<IServiceProvider, JobHandlers> handler)
    {
        _handlers.Add(handler);
        return this;
    }

    private static T Read<T>(JsonElement json, JsonTypeInfo<T> type)
        where T : class
    {
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            throw new JobRejectedException("InvalidInput", "The field 'input' is missing.");
        }

        try
        {
            return json.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw new JobRejectedException("InvalidInput", e.Message);
        }
    }

    private static T Read<T>(ServiceBusReceivedMessage message, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(message.Body, type)
                ?? throw new JobRejectedException("MalformedMessage", "The body is null.");
        }
        catch (JsonException e)
        {
            throw new JobRejectedException("MalformedMessage", $"The body must be JSON of type {type.Type.Name}: {e.Message}");
        }
        catch (NotSupportedException e)
        {
            throw new JobRejectedException("MalformedMessage", $"The body must be bytes: {e.Message}");
        }
    }
}
