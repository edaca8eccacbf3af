using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Offline.Support;

namespace KedaJobs.Tests.Offline;

public sealed class ClientSendingTests : IDisposable
{
    private readonly ScriptedService _service = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task A_sent_message_is_confirmed_by_the_service()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("a queue");

        await sender.SendMessageAsync(new ServiceBusMessage("hello") { MessageId = "1" });

        Assert.Equal("1", Assert.Single(_service.Received).Properties.MessageId);
        var attach = Assert.Single(_service.Attaches);
        Assert.Equal("/a%20queue", ((Target)attach.Target).Address);
        var token = Assert.Single(_service.Tokens);
        Assert.EndsWith("/a%20queue", (string)token["name"], StringComparison.Ordinal);
        Assert.Equal("put-token", token["operation"]);
        Assert.IsType<DateTime>(token["expiration"]);
    }

    [Fact]
    public async Task Many_sends_share_one_link()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => sender.SendMessageAsync(new ServiceBusMessage($"{i}"))));

        Assert.Equal(500, _service.Received.Count);
        Assert.Single(_service.Attaches);
        Assert.Equal(1, _service.Connections);
    }

    [Fact]
    public async Task Several_messages_travel_as_one_batch()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        await sender.SendMessagesAsync([new ServiceBusMessage("1"), new ServiceBusMessage("2"), new ServiceBusMessage("3")]);

        var batch = Assert.Single(_service.Received);
        Assert.Equal(0x80013700u, batch.Format);
        Assert.Equal(3, ((DataList)batch.BodySection).Count);
    }

    [Fact]
    public async Task Sending_nothing_does_nothing()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");
        using var empty = await sender.CreateMessageBatchAsync();

        await sender.SendMessagesAsync(empty);
        await sender.SendMessagesAsync([]);

        Assert.Empty(_service.Received);
    }

    [Fact]
    public async Task A_batch_takes_its_limit_from_the_link()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        using var batch = await sender.CreateMessageBatchAsync();

        Assert.Equal(262144, batch.MaxSizeInBytes);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await sender.CreateMessageBatchAsync(new CreateMessageBatchOptions { MaxSizeInBytes = 262145 }));
    }

    [Fact]
    public async Task Too_large_a_message_is_not_even_sent()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage(new byte[262144])));

        Assert.Equal((ServiceBusFailureReason.MessageSizeExceeded, false), (error.Reason, error.IsTransient));
        Assert.Empty(_service.Received);
    }

    [Fact]
    public async Task A_rejection_is_an_error_with_its_reason()
    {
        _service.OnTransfer.Enqueue(context => context.Complete(new Error(ErrorCode.ResourceLimitExceeded) { Description = "full" }));
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Equal((ServiceBusFailureReason.QuotaExceeded, "jobs"), (error.Reason, error.EntityPath));
        Assert.Single(_service.Received);
    }

    [Fact]
    public async Task A_passing_rejection_is_tried_again()
    {
        _service.OnTransfer.Enqueue(context => context.Complete(new Error(ErrorCode.InternalError)));
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        await sender.SendMessageAsync(new ServiceBusMessage("x") { MessageId = "same" });

        Assert.Equal(["same", "same"], _service.Received.Select(message => message.Properties.MessageId));
    }

    [Fact]
    public async Task A_send_survives_the_loss_of_the_connection()
    {
        _service.OnTransfer.Enqueue(_ => _service.CutConnections());
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        await sender.SendMessageAsync(new ServiceBusMessage("x") { MessageId = "same" });

        Assert.Equal(["same", "same"], _service.Received.Select(message => message.Properties.MessageId));
        Assert.Equal(2, _service.Connections);
        Assert.Equal(2, _service.Tokens.Count);
    }

    [Fact]
    public async Task All_sends_in_flight_survive_the_loss_of_the_connection()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");
        for (var i = 0; i < 30; i++)
        {
            _service.OnTransfer.Enqueue(_ => { });
        }

        _service.OnTransfer.Enqueue(_ => _service.CutConnections());

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => sender.SendMessageAsync(new ServiceBusMessage { MessageId = $"{i}" })));

        Assert.Equal(50, _service.Received.Select(message => message.Properties.MessageId).Distinct().Count());
        Assert.Equal(2, _service.Connections);
    }

    [Fact]
    public async Task Without_retries_the_loss_is_a_communication_problem()
    {
        _service.OnTransfer.Enqueue(_ => _service.CutConnections());
        await using var client = _service.CreateClient(maxRetries: 0);
        await using var sender = client.CreateSender("jobs");

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Equal((ServiceBusFailureReason.ServiceCommunicationProblem, true), (error.Reason, error.IsTransient));
    }

    [Fact]
    public async Task A_detached_sender_attaches_again()
    {
        _service.OnTransfer.Enqueue(context => context.Link.Close(TimeSpan.Zero, new Error(ErrorCode.DetachForced) { Description = "idle" }));
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        await sender.SendMessageAsync(new ServiceBusMessage("x"));

        Assert.Equal(2, _service.Attaches.Count);
        Assert.Equal(1, _service.Connections);
    }

    [Fact]
    public async Task No_answer_within_the_try_timeout_is_a_timeout()
    {
        _service.OnTransfer.Enqueue(_ => { });
        await using var client = _service.CreateClient(maxRetries: 0, tryTimeout: TimeSpan.FromMilliseconds(200));
        await using var sender = client.CreateSender("jobs");

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Equal(ServiceBusFailureReason.ServiceTimeout, error.Reason);
    }

    [Fact]
    public async Task A_cancelled_send_ends_at_once()
    {
        using var cancel = new CancellationTokenSource();
        _service.OnTransfer.Enqueue(_ => cancel.Cancel());
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sender.SendMessageAsync(new ServiceBusMessage("x"), cancel.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sender.SendMessageAsync(new ServiceBusMessage("y"), cancel.Token));
    }

    [Fact]
    public async Task A_refused_link_fails_with_the_services_reason()
    {
        _service.Refusals.Enqueue(new Error(ErrorCode.NotFound) { Description = "no such queue" });
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("missing");

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Equal((ServiceBusFailureReason.MessagingEntityNotFound, "missing"), (error.Reason, error.EntityPath));
        Assert.Contains("no such queue", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_is_unauthorized()
    {
        _service.TokenAnswers.Enqueue(401);
        await using var client = _service.CreateClient(maxRetries: 0);
        await using var sender = client.CreateSender("jobs");

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Empty(_service.Attaches);
        await sender.SendMessageAsync(new ServiceBusMessage("x"));
    }

    [Fact]
    public async Task Nobody_listening_is_a_communication_problem()
    {
        _service.Dispose();
        await using var client = _service.CreateClient(maxRetries: 1);
        await using var sender = client.CreateSender("jobs");

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Equal((ServiceBusFailureReason.ServiceCommunicationProblem, true), (error.Reason, error.IsTransient));
    }

    [Fact]
    public async Task Scheduled_messages_go_through_the_management_node()
    {
        _service.Manage = (operation, body) => operation == "com.microsoft:schedule-message"
            ? new Message(new Map { ["sequence-numbers"] = new[] { 7L, 8L } }) { ApplicationProperties = ScriptedService.Status(200) }
            : new Message(new Map()) { ApplicationProperties = ScriptedService.Status(404, "com.microsoft:message-not-found") };
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");

        var due = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var numbers = await sender.ScheduleMessagesAsync([new ServiceBusMessage("a"), new ServiceBusMessage("b")], due);
        var error = await Assert.ThrowsAsync<ServiceBusException>(() => sender.CancelScheduledMessageAsync(9));

        Assert.Equal([7, 8], numbers);
        Assert.Equal(ServiceBusFailureReason.MessageNotFound, error.Reason);
        Assert.Equal(["com.microsoft:schedule-message", "com.microsoft:cancel-scheduled-message"], _service.Operations);
    }

    [Fact]
    public async Task A_closed_sender_or_client_says_so()
    {
        await using var client = _service.CreateClient();
        await using var sender = client.CreateSender("jobs");
        await using var other = client.CreateSender("jobs");
        await sender.SendMessageAsync(new ServiceBusMessage("x"));

        await sender.CloseAsync();
        Assert.True(sender.IsClosed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));

        await client.DisposeAsync();
        Assert.True(client.IsClosed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => other.SendMessageAsync(new ServiceBusMessage("x")));
    }
}
