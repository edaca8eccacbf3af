using System.CommandLine;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Planner.Record;

/// <summary>The verb <c>record</c>.</summary>
internal static class RecordCommand
{
    private const string DefaultVariable = "KEDAJOBS_CONNECTIONSTRING";

    private const string Description =
        """
        Writes the enqueue times of a queue's messages as a trace for a scenario.

        Peeks: nothing is locked, received, or changed. Completed messages can't be peeked at; --dead-letters includes dead-lettered ones.
        The connection string comes from an environment variable, because other users of the machine can read a command line.
        """;

    public static Command Create(PlannerStreams streams)
    {
        var file = new Argument<string>("FILE") { Description = "The trace to write." };
        var queue = new Option<string?>("--queue") { Description = "The queue." };
        var topic = new Option<string?>("--topic") { Description = "The topic, with --subscription." };
        var subscription = new Option<string?>("--subscription") { Description = "The topic's subscription." };
        var variable = new Option<string>("--connection")
        {
            Description = $"The environment variable with the connection string; default {DefaultVariable}.",
            DefaultValueFactory = _ => DefaultVariable,
        };
        var deadLetters = new Option<bool>("--dead-letters") { Description = "Includes the dead letters." };
        var command = new Command("record", Description) { file, queue, topic, subscription, variable, deadLetters };
        command.Validators.Add(result =>
        {
            var (oneQueue, oneTopic) = (result.GetValue(queue) is not null, result.GetValue(topic) is not null);
            if (oneQueue == oneTopic || oneTopic != result.GetValue(subscription) is not null)
            {
                result.AddError("Name --queue, or --topic with --subscription.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(variable);
            var connection = Environment.GetEnvironmentVariable(name)
                ?? throw new PlannerInputException(
                    $"The environment variable {name} is not set: "
                    + "set it to the connection string, or name another variable with --connection.");
            var path = parsed.GetRequiredValue(file);
            try
            {
                await using var client = Connect(connection, name);
                var messages = new List<(DateTimeOffset Enqueued, long Size)>();
                SubQueue[] places = parsed.GetValue(deadLetters) ? [SubQueue.None, SubQueue.DeadLetter] : [SubQueue.None];
                foreach (var place in places)
                {
                    var options = new ServiceBusReceiverOptions { SubQueue = place };
                    await using var receiver = parsed.GetValue(queue) is { } entity
                        ? client.CreateReceiver(entity, options)
                        : client.CreateReceiver(parsed.GetRequiredValue(topic), parsed.GetRequiredValue(subscription), options);
                    await PeekAsync(receiver, messages, cancellationToken);
                }

                if (messages.Count == 0)
                {
                    throw new PlannerInputException(
                        "There is no message to record, so nothing was written. "
                        + "Record while messages wait, for example while scaling is paused.");
                }

                await OutputFile.WriteAsync(path, stream => TraceFile.WriteAsync(stream, messages.OrderBy(message => message.Enqueued)));
                await streams.Error.WriteLineAsync($"{messages.Count} messages recorded in {path}.");
                return ExitCodes.Success;
            }
            catch (Exception exception) when (exception is ServiceBusException or UnauthorizedAccessException or TimeoutException)
            {
                await streams.Error.WriteLineAsync(exception.Message.ReplaceLineEndings(" "));
                return ExitCodes.Unreachable;
            }
        });
        return command;
    }

    private static ServiceBusClient Connect(string connection, string variable)
    {
        try
        {
            return new(
                connection, new ServiceBusClientOptions { RetryOptions = new() { MaxRetries = 1, TryTimeout = TimeSpan.FromSeconds(20) } });
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new PlannerInputException(
                $"The environment variable {variable} does not hold a Service Bus connection string: {exception.Message}", exception);
        }
    }

    private static async Task PeekAsync(
        ServiceBusReceiver receiver, List<(DateTimeOffset, long)> messages, CancellationToken cancellationToken)
    {
        var next = 0L;
        while (await receiver.PeekMessagesAsync(250, next, cancellationToken) is { Count: > 0 } peeked)
        {
            messages.AddRange(peeked.Select(message => (message.EnqueuedTime, (long)message.Body.ToMemory().Length)));
            next = peeked[^1].SequenceNumber + 1;
        }
    }
}
