using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Offline.Support;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

public sealed class ClientReceivingTests : IDisposable
{
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(150);
    private readonly ScriptedService _service = new();

    public static TheoryData<string, Func<ServiceBusReceiver, ServiceBusReceivedMessage, Task>, string> Settlements => new()
    {
        { "complete", (receiver, message) => receiver.CompleteMessageAsync(message), "completed" },
        { "abandon", (receiver, message) => receiver.AbandonMessageAsync(message, new Dictionary<string, object> { ["tries"] = 1 }), "abandoned" },
        { "defer", (receiver, message) => receiver.DeferMessageAsync(message), "defered" },
        { "dead-letter", (receiver, message) => receiver.DeadLetterMessageAsync(message, "bad", "very bad"), "suspended" },
    };

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task A_received_message_has_the_lock_token_of_its_delivery_tag()
    {
        Deliver("one");
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

        var message = await receiver.ReceiveMessageAsync();

        Assert.Equal("one", message.Body.ToString());
        Assert.NotEqual(Guid.Empty, Guid.Parse(message.LockToken));
        Assert.Equal(1, message.DeliveryCount);
        var attach = Assert.Single(_service.Attaches);
        Assert.Equal("/jobs/$DeadLetterQueue", ((Source)attach.Source).Address);
        Assert.Equal((SenderSettleMode.Unsettled, ReceiverSettleMode.Second), (attach.SndSettleMode, attach.RcvSettleMode));
    }

    [Fact]
    public async Task Each_settlement_is_an_outcome_that_the_service_confirms()
    {
        Deliver("a", "b", "c", "d");
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");
        var messages = await receiver.ReceiveMessagesAsync(4);

        await receiver.CompleteMessageAsync(messages[0]);
        await receiver.AbandonMessageAsync(messages[1], new Dictionary<string, object> { ["tries"] = 1 });
        await receiver.DeferMessageAsync(messages[2]);
        await receiver.DeadLetterMessageAsync(messages[3], new Dictionary<string, object> { ["own"] = "p" }, "bad", "very bad");

        var outcomes = _service.Outcomes.ToArray();
        Assert.IsType<Accepted>(outcomes[0]);
        var abandoned = Assert.IsType<Modified>(outcomes[1]);
        Assert.False(abandoned.UndeliverableHere);
        Assert.Equal(1, abandoned.MessageAnnotations[new Symbol("tries")]);
        Assert.True(Assert.IsType<Modified>(outcomes[2]).UndeliverableHere);
        var error = Assert.IsType<Rejected>(outcomes[3]).Error;
        Assert.Equal(new Symbol("com.microsoft:dead-letter"), error.Condition);
        Assert.Equal("bad", error.Info[new Symbol("DeadLetterReason")]);
        Assert.Equal("very bad", error.Info[new Symbol("DeadLetterErrorDescription")]);
        Assert.Equal("p", error.Info[new Symbol("own")]);
    }

    [Fact]
    public async Task Completing_waits_for_the_service()
    {
        Deliver("one");
        var asked = new TaskCompletionSource<Action>(TaskCreationOptions.RunContinuationsAsynchronously);
        _service.OnOutcome.Enqueue(context => asked.SetResult(
            () => context.Link.DisposeMessage(context.Message, new Accepted(), settled: true)));
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");

        var completing = receiver.CompleteMessageAsync(await receiver.ReceiveMessageAsync());
        var answer = await asked.Task;

        Assert.False(completing.IsCompleted);
        answer();
        await completing;
    }

    [Theory]
    [InlineData("com.microsoft:message-lock-lost", ServiceBusFailureReason.MessageLockLost)]
    [InlineData("com.microsoft:session-lock-lost", ServiceBusFailureReason.SessionLockLost)]
    public async Task A_refused_settlement_is_an_error_with_its_reason(string condition, ServiceBusFailureReason reason)
    {
        Deliver("one");
        _service.OnOutcome.Enqueue(context => context.Link.DisposeMessage(
            context.Message, new Rejected { Error = new Error(condition) { Description = "too late" } }, settled: true));
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");
        var message = await receiver.ReceiveMessageAsync();

        var error = await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(message));

        Assert.Equal((reason, false), (error.Reason, error.IsTransient));
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task After_a_reconnection_the_lock_token_settles(
        string operation, Func<ServiceBusReceiver, ServiceBusReceivedMessage, Task> settle, string status)
    {
        Map? seen = null;
        _service.Manage = (_, body) =>
        {
            seen = body;
            return new Message(new Map()) { ApplicationProperties = ScriptedService.Status(200) };
        };
        Deliver("one");
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");
        var message = await receiver.ReceiveMessageAsync();

        _service.CutConnections();
        await settle(receiver, message);

        Assert.Equal(["com.microsoft:update-disposition"], _service.Operations);
        Assert.Equal(status, seen!["disposition-status"]);
        Assert.Equal(new[] { Guid.Parse(message.LockToken) }, seen["lock-tokens"]);
        Assert.True(operation != "dead-letter" || (string)seen["deadletter-reason"] == "bad");
        Assert.True(operation != "abandon" || (int)((Map)seen["properties-to-modify"])["tries"] == 1);
    }

    [Fact]
    public async Task A_settlement_in_flight_when_the_connection_goes_is_repeated_by_lock_token()
    {
        Deliver("one");
        _service.OnOutcome.Enqueue(_ => _service.CutConnections());
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");

        await receiver.CompleteMessageAsync(await receiver.ReceiveMessageAsync());

        Assert.Equal(["com.microsoft:update-disposition"], _service.Operations);
    }

    [Fact]
    public async Task A_waiting_receive_survives_the_loss_of_the_connection()
    {
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");
        var receiving = receiver.ReceiveMessageAsync();
        await Eventually.SucceedsAsync("the receiver attaches", () => Assert.NotEmpty(_service.ReceivingLinks));
        Deliver("late");

        _service.CutConnections();

        Assert.Equal("late", (await receiving).Body.ToString());
        Assert.Equal(2, _service.Attaches.Count);
    }

    [Fact]
    public async Task Nothing_there_is_null_or_empty_after_the_wait()
    {
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");

        Assert.Null(await receiver.ReceiveMessageAsync(ShortWait));
        Assert.Empty(await receiver.ReceiveMessagesAsync(10, ShortWait));
    }

    [Fact]
    public async Task A_call_returns_what_is_there_and_does_not_wait_for_the_rest()
    {
        Deliver("a", "b", "c");
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");

        var messages = await receiver.ReceiveMessagesAsync(100, TimeSpan.FromMinutes(1));

        Assert.Equal(["a", "b", "c"], messages.Select(message => message.Body.ToString()));
    }

    [Fact]
    public async Task A_cancelled_receive_ends_at_once()
    {
        using var cancel = new CancellationTokenSource();
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");
        var receiving = receiver.ReceiveMessageAsync(null, cancel.Token);
        await Eventually.SucceedsAsync("the receiver attaches", () => Assert.NotEmpty(_service.ReceivingLinks));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
    }

    [Fact]
    public async Task Prefetched_messages_are_there_without_waiting_and_given_back_on_close()
    {
        Deliver([.. Enumerable.Range(0, 5).Select(i => $"{i}")]);
        await using var client = _service.CreateClient();
        var receiver = client.CreateReceiver("jobs", new ServiceBusReceiverOptions { PrefetchCount = 10 });
        Assert.Equal("0", (await receiver.ReceiveMessageAsync()).Body.ToString());
        await Eventually.SucceedsAsync("the rest is prefetched", () => Assert.Empty(_service.Deliveries));

        var second = Assert.Single(await receiver.ReceiveMessagesAsync(1, TimeSpan.Zero));
        await receiver.DisposeAsync();

        Assert.Equal("1", second.Body.ToString());
        Assert.Equal(3, _service.Outcomes.Count);
        Assert.All(_service.Outcomes, outcome => Assert.IsType<Released>(outcome));
    }

    [Fact]
    public async Task Prefetch_refills_itself()
    {
        Deliver([.. Enumerable.Range(0, 100).Select(i => $"{i}")]);
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs", new ServiceBusReceiverOptions { PrefetchCount = 7 });
        var bodies = new List<string>();

        while (bodies.Count < 100)
        {
            var messages = await receiver.ReceiveMessagesAsync(5, TimeSpan.FromSeconds(10));
            Assert.NotEmpty(messages);
            bodies.AddRange(messages.Select(message => message.Body.ToString()));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), bodies);
    }

    [Fact]
    public async Task Concurrent_receives_share_the_messages()
    {
        Deliver([.. Enumerable.Range(0, 40).Select(i => $"{i}")]);
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");

        var messages = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(20))));

        Assert.Equal(40, messages.Select(message => message?.Body.ToString()).Distinct().Count());
        Assert.DoesNotContain(null, messages);
    }

    [Fact]
    public async Task Receive_and_delete_attaches_settled_and_has_no_lock_to_settle()
    {
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        Assert.Null(await receiver.ReceiveMessageAsync(ShortWait));

        var attach = Assert.Single(_service.Attaches);
        Assert.Equal((SenderSettleMode.Settled, ReceiverSettleMode.First), (attach.SndSettleMode, attach.RcvSettleMode));
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(lockTokenGuid: Guid.NewGuid());
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(message));
    }

    [Fact]
    public async Task Arguments_are_checked_before_anything_travels()
    {
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(lockTokenGuid: Guid.NewGuid());
        var peeked = ServiceBusModelFactory.ServiceBusReceivedMessage();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => receiver.ReceiveMessagesAsync(0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => receiver.ReceiveMessageAsync(TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentNullException>(() => receiver.CompleteMessageAsync(null!));
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(peeked));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => receiver.DeadLetterMessageAsync(message, new string('x', 4097)));
        Assert.Empty(_service.Attaches);
    }

    [Fact]
    public async Task Renewing_a_lock_moves_its_end()
    {
        var until = new DateTime(2040, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        _service.Manage = (_, _) => new Message(new Map { ["expirations"] = new[] { until } }) { ApplicationProperties = ScriptedService.Status(200) };
        Deliver("one");
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");
        var message = await receiver.ReceiveMessageAsync();

        await receiver.RenewMessageLockAsync(message);

        Assert.Equal(new DateTimeOffset(until), message.LockedUntil);
        _service.Manage = (_, _) => new Message(new Map()) { ApplicationProperties = ScriptedService.Status(410, "com.microsoft:message-lock-lost") };
        var error = await Assert.ThrowsAsync<ServiceBusException>(() => receiver.RenewMessageLockAsync(message));
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, error.Reason);
    }

    [Theory]
    [InlineData(204, null)]
    [InlineData(404, "com.microsoft:message-not-found")]
    public async Task Nothing_to_peek_is_null(int status, string? condition)
    {
        _service.Manage = (_, _) => new Message { BodySection = new AmqpValue { Value = null }, ApplicationProperties = ScriptedService.Status(status, condition) };
        await using var client = _service.CreateClient();
        await using var receiver = client.CreateReceiver("jobs");

        Assert.Null(await receiver.PeekMessageAsync());
    }

    private void Deliver(params string[] bodies)
    {
        foreach (var body in bodies)
        {
            _service.Deliveries.Enqueue(new Message { BodySection = new Data { Binary = System.Text.Encoding.UTF8.GetBytes(body) } });
        }
    }
}
