#pragma warning disable ASPIREINTERACTION001 // the arguments of commands are experimental; the dashboard and the CLI ask for them

using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting.Local.Dashboard;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Hosting.Local.Entities;

/// <summary>The commands of queues, topics and subscriptions.</summary>
internal static class EntityCommands
{
    public const string Send = "send-message";
    public const string Peek = "peek-messages";
    public const string Requeue = "requeue-dead-letters";
    public const string Purge = "purge-messages";

    private const string Body = "body";
    private const string ContentType = "content-type";
    private const string MessageId = "message-id";
    private const string Subject = "subject";
    private const string SessionId = "session-id";
    private const string Properties = "properties";
    private const string Schedule = "schedule";
    private const string Count = "count";
    private const string From = "from";
    private const string FromQueue = "queue";
    private const string FromDeadLetters = "dead-letters";
    private const int LongestPeek = 500;

    public static void AddTo(IDistributedApplicationBuilder builder, EntityTarget target)
    {
        var resource = builder.CreateResourceBuilder<IResource>(target.Resource);
        foreach (var command in Of(target))
        {
            command.AddTo(resource);
        }
    }

    private static IEnumerable<ResourceCommand> Of(EntityTarget target)
    {
        var isSubscription = target is EntityTarget.Subscription;
        yield return Command(
            target, Send, "Send message", "Send",
            isSubscription ? $"Sends a message to topic '{target.SendPath}'." : $"Sends a message to {target.Title}.",
            SendAsync) with
        {
            Inputs =
            [
                new() { Name = Body, Label = "Body", InputType = InputType.Text, Placeholder = """{"task": "wordcount"}""" },
                new()
                {
                    Name = Properties,
                    Label = "Application properties (JSON)",
                    InputType = InputType.Text,
                    Placeholder = """{"priority": 1}""",
                },
                new()
                {
                    Name = Schedule,
                    Label = "Schedule",
                    InputType = InputType.Text,
                    Placeholder = "30, 00:05:00, or 2026-08-01T12:00:00Z",
                    Description = "When the message becomes active: seconds or a time span from now, or a time in UTC. Empty: now.",
                },
                new() { Name = MessageId, Label = "Message ID", InputType = InputType.Text, Description = "Empty: a new one." },
                new() { Name = Subject, Label = "Subject", InputType = InputType.Text },
                new()
                {
                    Name = ContentType,
                    Label = "Content type",
                    InputType = InputType.Text,
                    Description = "Empty: application/json if the body is JSON, otherwise text/plain.",
                },
                new() { Name = SessionId, Label = "Session ID", InputType = InputType.Text },
            ],
            Validate = ValidateAsync,
        };
        if (target.ReceivePath is null)
        {
            // A topic holds nothing itself.
            yield break;
        }

        yield return Command(
            target, Peek, "Peek messages", "Eye", $"Shows the oldest messages of {target.Title}. Nothing is locked or changed.",
            PeekAsync) with
        {
            Inputs =
            [
                FromInput(),
                new() { Name = Count, Label = "At most", InputType = InputType.Number, Value = "20", Description = $"1 to {LongestPeek}." },
            ],
        };
        yield return Command(
            target, Requeue, "Requeue dead letters", "ArrowUndo",
            isSubscription
                ? $"Sends the dead-lettered messages to topic '{target.SendPath}' again."
                : "Sends the dead-lettered messages to the queue again.",
            RequeueAsync) with
        {
            Confirmation = isSubscription
                ? $"Send all dead-lettered messages of {target.Title} to the topic again? Every subscription whose rules match receives "
                    + "them, not just this one."
                : $"Send all dead-lettered messages of {target.Title} to the queue again?",
        };
        // The prompt is the confirmation: it says what is lost, and can be canceled.
        yield return Command(
            target, Purge, "Purge messages", "Delete", $"Deletes messages of {target.Title} for good. This cannot be undone.",
            PurgeAsync) with
        {
            Inputs = [FromInput()],
        };
    }

    private static async Task<ExecuteCommandResult> SendAsync(EntityOperations operations, ExecuteCommandContext context)
    {
        var arguments = context.Arguments;
        var message = MessageInput.Create(Text(arguments, Body), Text(arguments, ContentType));
        message.MessageId = Text(arguments, MessageId) ?? Guid.NewGuid().ToString("N");
        message.Subject = Text(arguments, Subject);
        message.SessionId = Text(arguments, SessionId);
        var properties = MessageInput.Properties(Text(arguments, Properties), out var wrongProperty);
        foreach (var (name, value) in properties)
        {
            message.ApplicationProperties[name] = value;
        }

        var time = MessageInput.ScheduledTime(Text(arguments, Schedule), Now(context.Services), out var wrongTime);
        if ((wrongProperty ?? wrongTime) is { } problem)
        {
            return CommandResults.Failure(problem);
        }

        var number = await operations.SendAsync(message, time, context.CancellationToken).ConfigureAwait(false);
        return CommandResults.Success(number is null
            ? $"Sent message {message.MessageId}."
            : $"Scheduled message {message.MessageId} for {time:yyyy-MM-dd HH:mm:ss} UTC (sequence number {number}).");
    }

    private static Task ValidateAsync(InputsDialogValidationContext context)
    {
        MessageInput.Properties(Text(context.Inputs, Properties), out var wrongProperties);
        MessageInput.ScheduledTime(Text(context.Inputs, Schedule), Now(context.Services), out var wrongTime);
        if (wrongProperties is not null)
        {
            context.AddValidationError(context.Inputs[Properties], wrongProperties);
        }

        if (wrongTime is not null)
        {
            context.AddValidationError(context.Inputs[Schedule], wrongTime);
        }

        return Task.CompletedTask;
    }

    private static async Task<ExecuteCommandResult> PeekAsync(EntityOperations operations, ExecuteCommandContext context)
    {
        var subQueue = SubQueueOf(context.Arguments);
        var count = int.TryParse(Text(context.Arguments, Count), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted)
            ? Math.Clamp(wanted, 1, LongestPeek)
            : 20;
        var messages = await operations.PeekAsync(subQueue, count, context.CancellationToken).ConfigureAwait(false);
        return messages.Count == 0
            ? CommandResults.Success(subQueue is SubQueue.DeadLetter ? "There are no dead letters." : "There are no messages.")
            : CommandResults.Success(
                messages.Count == 1 ? "1 message." : $"{messages.Count} messages.",
                MessageTable.Of(messages, subQueue is SubQueue.DeadLetter),
                CommandResultFormat.Markdown,
                displayImmediately: true);
    }

    private static async Task<ExecuteCommandResult> RequeueAsync(EntityOperations operations, ExecuteCommandContext context)
    {
        var requeued = await operations.RequeueDeadLettersAsync(context.CancellationToken).ConfigureAwait(false);
        return CommandResults.Success(requeued == 1 ? "Requeued 1 message." : $"Requeued {requeued} messages.");
    }

    private static async Task<ExecuteCommandResult> PurgeAsync(EntityOperations operations, ExecuteCommandContext context)
    {
        var purged = await operations.PurgeAsync(SubQueueOf(context.Arguments), context.CancellationToken).ConfigureAwait(false);
        return CommandResults.Success(
            $"Deleted {(purged == 1 ? "1 message" : $"{purged} messages")}. Messages that a receiver has locked are not deleted.");
    }

    private static ResourceCommand Command(
        EntityTarget target,
        string name,
        string title,
        string icon,
        string description,
        Func<EntityOperations, ExecuteCommandContext, Task<ExecuteCommandResult>> execute) =>
        new(name, title, icon, description)
        {
            IsEnabled = context => context.ResourceSnapshot.State?.Text == KnownResourceStates.Running,
            Execute = async context =>
            {
                try
                {
                    var operations = await context.Services.GetRequiredService<EntityClients>()
                        .OperationsAsync(target, context.CancellationToken)
                        .ConfigureAwait(false);
                    return await execute(operations, context).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is ServiceBusException or InvalidOperationException or ArgumentException
                    or NotSupportedException or TimeoutException)
                {
                    return CommandResults.Failure(exception.Message);
                }
            },
        };

    private static InteractionInput FromInput() => new()
    {
        Name = From,
        Label = "Messages",
        InputType = InputType.Choice,
        Required = true,
        Value = FromQueue,
        Options = [new(FromQueue, "In the queue"), new(FromDeadLetters, "Dead letters")],
    };

    private static SubQueue SubQueueOf(InteractionInputCollection arguments) =>
        Text(arguments, From) == FromDeadLetters ? SubQueue.DeadLetter : SubQueue.None;

    private static string? Text(InteractionInputCollection arguments, string name) =>
        arguments.TryGetByName(name, out var input) && !string.IsNullOrEmpty(input.Value) ? input.Value : null;

    private static DateTimeOffset Now(IServiceProvider services) => services.GetRequiredService<TimeProvider>().GetUtcNow();
}
