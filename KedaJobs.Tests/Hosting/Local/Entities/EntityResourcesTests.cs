#pragma warning disable ASPIREINTERACTION001 // the arguments of commands are experimental

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local.Entities;

/// <summary>Queues and subscriptions of a running application: their counts and commands, on the embedded broker.</summary>
public sealed class EntityResourcesTests : IAsyncLifetime
{
    private DistributedApplication? _app;
    private ServiceBusClient? _client;

    private DistributedApplication App => _app!;

    private ServiceBusClient Client => _client!;

    public async Task InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        messaging.AddServiceBusQueue("jobs").WithProperties(queue => queue.MaxDeliveryCount = 1);
        messaging.AddServiceBusQueue("unique").WithProperties(queue => queue.RequiresDuplicateDetection = true);
        messaging.AddServiceBusQueue("chat").WithProperties(queue => queue.RequiresSession = true);
        messaging.AddServiceBusTopic("orders").AddServiceBusSubscription("mail", "for-mail");
        _app = await builder.BuildAsync();
        await _app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("jobs").WaitAsync(Eventually.DefaultDeadline);
        _client = new(await _app.GetConnectionStringAsync("messaging"));
    }

    public async Task DisposeAsync()
    {
        await Client.DisposeAsync();
        await App.DisposeAsync();
    }

    [Fact]
    public async Task Counts_follow_the_queue()
    {
        await CountsAsync("jobs", active: "0", scheduled: "0", dead: "0");

        await using var sender = Client.CreateSender("jobs");
        await sender.SendMessagesAsync([new("a"), new("b")]);
        await sender.ScheduleMessageAsync(new("later"), TimeProvider.System.GetUtcNow().AddHours(1));
        await DeadLetterAsync("jobs");

        var properties = await CountsAsync("jobs", active: "1", scheduled: "1", dead: "1");
        Assert.All(
            properties.Where(property => property.Name.EndsWith("messages", StringComparison.Ordinal)),
            property => Assert.True(property.IsHighlighted));
        Assert.Contains(properties, property => property is { Name: "Size", IsHighlighted: true });
        await CountsAsync("mail", active: "0", scheduled: null, dead: "0");
        await CountsAsync("orders", active: null, scheduled: "0", dead: null);
    }

    [Fact]
    public async Task Sent_message_has_body_properties_and_schedule()
    {
        var sent = await ExecuteAsync(
            "jobs", "send-message", ("body", """{"a": 1}"""), ("properties", """{"priority": 1}"""), ("message-id", "m-1"),
            ("subject", "s"));
        var scheduled = await ExecuteAsync("jobs", "send-message", ("schedule", "3600"), ("message-id", "m-2"));

        Assert.Equal((true, "Sent message m-1."), (sent.Success, sent.Message));
        Assert.StartsWith("Scheduled message m-2 for ", scheduled.Message, StringComparison.Ordinal);
        await using var receiver = Client.CreateReceiver("jobs");
        var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(
            ("m-1", """{"a": 1}""", "application/json", "s"),
            (message.MessageId, message.Body.ToString(), message.ContentType, message.Subject));
        Assert.Equal(1L, message.ApplicationProperties["priority"]);
        Assert.Equal(
            ServiceBusMessageState.Scheduled, (await receiver.PeekMessagesAsync(10, 0)).Single(peeked => peeked.MessageId == "m-2").State);
    }

    [Theory]
    [InlineData("properties", "priority=1")]
    [InlineData("schedule", "tomorrow")]
    public async Task Wrong_argument_is_refused_and_nothing_is_sent(string argument, string value)
    {
        var result = await ExecuteAsync("jobs", "send-message", ("body", "x"), (argument, value));

        Assert.Equal((false, "Command argument validation failed."), (result.Success, result.Message));
        Assert.Equal("There are no messages.", (await ExecuteAsync("jobs", "peek-messages")).Message);
    }

    [Fact]
    public async Task Peek_shows_a_table_of_messages_and_of_dead_letters()
    {
        await using var sender = Client.CreateSender("jobs");
        await sender.SendMessagesAsync([new("dead | letter") { MessageId = "m-1" }, new("alive") { MessageId = "m-2", Subject = "s" }]);
        await DeadLetterAsync("jobs");

        var messages = await ExecuteAsync("jobs", "peek-messages", ("queue", "queue"));
        var letters = await ExecuteAsync("jobs", "peek-messages", ("from", "dead-letters"));

        Assert.Equal((CommandResultFormat.Markdown, true), (messages.Data!.Format, messages.Data.DisplayImmediately));
        Assert.Matches(@"\| 2 \| m-2 \| Active \| s \| 0 \| [-0-9]+ [:0-9]+ \|  \| alive \|", messages.Data.Value);
        Assert.DoesNotContain("m-1", messages.Data.Value, StringComparison.Ordinal);
        Assert.Matches(@"\| [0-9]+ \| m-1 \| because \| of this \| [0-9]+ \| [-0-9]+ [:0-9]+ \| dead \\\| letter \|", letters.Data!.Value);
    }

    [Fact]
    public async Task Dead_letters_go_back_to_the_queue_with_their_id_and_trace()
    {
        await using var sender = Client.CreateSender("jobs");
        await sender.SendMessageAsync(new("a")
        {
            MessageId = "m-1",
            ApplicationProperties = { ["Diagnostic-Id"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        });
        await DeadLetterAsync("jobs");

        Assert.Equal("Requeued 1 message.", (await ExecuteAsync("jobs", "requeue-dead-letters")).Message);

        await using var receiver = Client.CreateReceiver("jobs");
        var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(("m-1", "a"), (message.MessageId, message.Body.ToString()));
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", message.ApplicationProperties["Diagnostic-Id"]);
        Assert.Equal("Requeued 0 messages.", (await ExecuteAsync("jobs", "requeue-dead-letters")).Message);
    }

    [Fact]
    public async Task Where_duplicates_are_detected_requeued_messages_are_not_dropped_as_duplicates()
    {
        await using var sender = Client.CreateSender("unique");
        await sender.SendMessageAsync(new("a") { MessageId = "m-1" });
        await DeadLetterAsync("unique");

        Assert.Equal("Requeued 1 message.", (await ExecuteAsync("unique", "requeue-dead-letters")).Message);

        await using var receiver = Client.CreateReceiver("unique");
        var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10));
        Assert.Matches("^requeued-[0-9]+-m-1$", message.MessageId);
        Assert.Equal("m-1", message.ApplicationProperties["OriginalMessageId"]);
    }

    [Fact]
    public async Task Purge_deletes_messages_or_dead_letters_and_leaves_locked_ones()
    {
        await using var sender = Client.CreateSender("jobs");
        await sender.SendMessagesAsync([new("dead"), new("locked"), new("a"), new("b")]);
        await DeadLetterAsync("jobs");
        await using var receiver = Client.CreateReceiver("jobs");
        Assert.Equal("locked", (await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10))).Body.ToString());

        Assert.StartsWith(
            "Deleted 2 messages.", (await ExecuteAsync("jobs", "purge-messages", ("from", "queue"))).Message, StringComparison.Ordinal);
        await CountsAsync("jobs", active: "1", scheduled: "0", dead: "1");
        Assert.StartsWith(
            "Deleted 1 message.", (await ExecuteAsync("jobs", "purge-messages", ("from", "dead-letters"))).Message,
            StringComparison.Ordinal);
        await CountsAsync("jobs", active: "1", scheduled: "0", dead: "0");
    }

    [Fact]
    public async Task Purge_reaches_every_session()
    {
        await using var sender = Client.CreateSender("chat");
        await sender.SendMessagesAsync([new("a") { SessionId = "1" }, new("b") { SessionId = "2" }]);

        Assert.StartsWith(
            "Deleted 2 messages.", (await ExecuteAsync("chat", "purge-messages", ("from", "queue"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_takes_the_same_commands()
    {
        Assert.Equal("Sent message m-1.", (await ExecuteAsync("mail", "send-message", ("body", "x"), ("message-id", "m-1"))).Message);
        Assert.Contains("m-1", (await ExecuteAsync("mail", "peek-messages")).Data!.Value, StringComparison.Ordinal);
        await using (var receiver = Client.CreateReceiver("orders", "for-mail"))
        {
            await receiver.DeadLetterMessageAsync(await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10)));
        }

        Assert.Equal("Requeued 1 message.", (await ExecuteAsync("mail", "requeue-dead-letters")).Message);
        Assert.StartsWith(
            "Deleted 1 message.", (await ExecuteAsync("mail", "purge-messages", ("from", "queue"))).Message, StringComparison.Ordinal);
        Assert.False((await ExecuteAsync("orders", "peek-messages")).Success);
    }

    [Fact]
    public void What_cannot_be_undone_is_confirmed()
    {
        var jobs = App.Services.GetService(typeof(DistributedApplicationModel)) is DistributedApplicationModel model
            ? model.Resources.OfType<AzureServiceBusQueueResource>().Single(queue => queue.Name == "jobs")
            : null;
        var commands = jobs!.Annotations.OfType<ResourceCommandAnnotation>().ToDictionary(command => command.Name);

        Assert.Equal(["peek-messages", "purge-messages", "requeue-dead-letters", "send-message"], commands.Keys.Order());
        // Its prompt says so, and can be cancelled.
        Assert.Contains("cannot be undone", commands["purge-messages"].DisplayDescription, StringComparison.Ordinal);
        Assert.Single(commands["purge-messages"].Arguments);
        Assert.NotNull(commands["requeue-dead-letters"].ConfirmationMessage);
        Assert.Null(commands["peek-messages"].ConfirmationMessage);
    }

    private async Task DeadLetterAsync(string queue)
    {
        await using var receiver = Client.CreateReceiver(queue);
        await receiver.DeadLetterMessageAsync(await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10)), "because", "of this");
    }

    private async Task<IReadOnlyList<ResourcePropertySnapshot>> CountsAsync(
        string resource, string? active, string? scheduled, string? dead) =>
        (await Eventually.InTimeAsync($"counts of {resource}: "
            + $"{active}, {scheduled}, {dead}", App.ResourceNotifications.WaitForResourceAsync(
            resource,
            update => Property(update, "Active messages") == active
                && Property(update, "Scheduled messages") == scheduled
                && Property(update, "Dead-lettered messages") == dead
                && update.Snapshot.Properties.Any(property => property.IsHighlighted)))).Snapshot.Properties;

    private static string? Property(ResourceEvent update, string name) =>
        update.Snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value?.ToString();

    private Task<ExecuteCommandResult> ExecuteAsync(string resource, string command, params (string Name, string Value)[] arguments) =>
        App.ResourceCommands.ExecuteCommandAsync(resource, command, new InteractionInputCollection(
            [.. arguments.Select(
                argument => new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value })]),
            CancellationToken.None);
}
