using Amqp;
using Amqp.Framing;
using Amqp.Transactions;
using Amqp.Types;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Amqp;

/// <summary>
/// AMQP's own types of transactions (part 4 of the specification), by an independent library, and what is wrong with them.
/// </summary>
public sealed class TransactionProtocolTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private ServiceBusBroker _broker = null!;
    private LiteClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions
            {
                Queues =
                [
                    new QueueOptions { Name = "jobs", LockDuration = TimeSpan.FromMinutes(5) },
                    new QueueOptions { Name = "results" },
                ],
            },
            timeProvider: _time);
        _client = await LiteClient.AsManagerAsync(_broker);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sends_and_settlements_take_effect_with_the_discharge(bool commits)
    {
        var (jobs, results) = (await _client.AttachSenderAsync("jobs"), await _client.AttachSenderAsync("results"));
        var receiver = await SecondReceiverAsync();
        await jobs.SendAsync(new Message("in"));
        receiver.SetCredit(10, autoRestore: false);
        var message = await receiver.ReceiveAsync(Eventually.DefaultDeadline);
        var coordinator = await CoordinatorAsync(_client);
        var id = await DeclareAsync(coordinator);

        Assert.IsType<Accepted>(await SendAsync(results, id, "out"));
        receiver.Complete(message, new TransactionalState { TxnId = id, Outcome = new Accepted() });
        Assert.Equal((1, 0), (await CountAsync("jobs"), await CountAsync("results")));

        Assert.IsType<Accepted>(await DischargeAsync(coordinator, id, fails: !commits));

        Assert.Equal(commits ? (0, 1) : (1, 0), (await CountAsync("jobs"), await CountAsync("results")));
        if (!commits)
        {
            await AssertLockedAsync(message);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1)]
    public async Task An_unknown_transaction_is_refused_whatever_it_is_named_for(int length)
    {
        var unknown = new byte[length];
        var sender = await _client.AttachSenderAsync("jobs");
        Assert.Equal("amqp:transaction:unknown-id", Assert.IsType<Rejected>(await SendAsync(sender, unknown, "x")).Error.Condition);
        var coordinator = await CoordinatorAsync(_client);
        Assert.Equal(
            "amqp:transaction:unknown-id",
            Assert.IsType<Rejected>(await DischargeAsync(coordinator, unknown, fails: false)).Error.Condition);
        Assert.Equal(0, await CountAsync("jobs"));
    }

    [Fact]
    public async Task A_transaction_is_discharged_once_and_takes_nothing_afterwards()
    {
        var sender = await _client.AttachSenderAsync("jobs");
        var coordinator = await CoordinatorAsync(_client);
        var id = await DeclareAsync(coordinator);
        Assert.IsType<Accepted>(await DischargeAsync(coordinator, id, fails: false));
        Assert.Equal(
            "amqp:transaction:unknown-id", Assert.IsType<Rejected>(await DischargeAsync(coordinator, id, fails: false)).Error.Condition);
        Assert.Equal("amqp:transaction:unknown-id", Assert.IsType<Rejected>(await SendAsync(sender, id, "x")).Error.Condition);
    }

    [Fact]
    public async Task A_transaction_of_another_connection_is_unknown()
    {
        await using var other = await LiteClient.AsManagerAsync(_broker);
        var id = await DeclareAsync(await CoordinatorAsync(other));
        Assert.IsType<Rejected>(await SendAsync(await _client.AttachSenderAsync("jobs"), id, "x"));
    }

    [Fact]
    public async Task A_coordinator_that_goes_rolls_back()
    {
        var sender = await _client.AttachSenderAsync("jobs");
        await sender.SendAsync(new Message("in"));
        var receiver = await SecondReceiverAsync();
        receiver.SetCredit(1, autoRestore: false);
        var message = await receiver.ReceiveAsync(Eventually.DefaultDeadline);
        var coordinator = await CoordinatorAsync(_client);
        var id = await DeclareAsync(coordinator);
        await SendAsync(sender, id, "out");
        receiver.Complete(message, new TransactionalState { TxnId = id, Outcome = new Accepted() });

        await coordinator.CloseAsync();

        Assert.Equal("amqp:transaction:unknown-id", Assert.IsType<Rejected>(await SendAsync(sender, id, "x")).Error.Condition);
        await AssertLockedAsync(message);
    }

    [Fact]
    public async Task A_transaction_that_is_open_for_too_long_says_so()
    {
        var sender = await _client.AttachSenderAsync("jobs");
        var coordinator = await CoordinatorAsync(_client);
        var id = await DeclareAsync(coordinator);
        await SendAsync(sender, id, "x");

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("amqp:transaction:timeout", Assert.IsType<Rejected>(await SendAsync(sender, id, "y")).Error.Condition);
        Assert.Equal(
            "amqp:transaction:timeout", Assert.IsType<Rejected>(await DischargeAsync(coordinator, id, fails: false)).Error.Condition);
        Assert.Equal(0, await CountAsync("jobs"));
    }

    [Fact]
    public async Task A_queue_that_refuses_a_message_refuses_it_before_the_discharge()
    {
        var sender = await _client.AttachSenderAsync("jobs");
        var coordinator = await CoordinatorAsync(_client);
        var id = await DeclareAsync(coordinator);
        Assert.Equal(
            "amqp:link:message-size-exceeded",
            Assert.IsType<Rejected>(await SendAsync(sender, id, new string('x', 300_000))).Error.Condition);
        Assert.IsType<Accepted>(await SendAsync(sender, id, "x"));
        Assert.IsType<Accepted>(await DischargeAsync(coordinator, id, fails: false));
        Assert.Equal(1, await CountAsync("jobs"));
    }

    [Fact]
    public async Task A_message_that_is_neither_declare_nor_discharge_is_refused()
    {
        var coordinator = await CoordinatorAsync(_client);
        foreach (var body in (object?[])[
            "text", null, new DescribedValue(0x31ul, new List { new byte[] { 1 } }), new DescribedValue(0x32ul, new List()),
            new DescribedValue(0x99ul, new List()),
        ])
        {
            var outcome = Assert.IsType<Rejected>(await SendAsync(coordinator, null, body));
            Assert.Contains(outcome.Error.Condition.ToString(), (string[])["amqp:invalid-field", "amqp:not-implemented"]);
        }
    }

    [Fact]
    public async Task A_receiver_on_another_entity_than_the_first_is_refused_where_transactions_are()
    {
        await CoordinatorAsync(_client);
        Assert.Null((await _client.AttachReceiverAsync("jobs")).Error);
        Assert.Null((await _client.AttachReceiverAsync("jobs/$DeadLetterQueue")).Error);
        Assert.Null((await _client.AttachSenderAsync("results")).Error);
        var refused = await _client.AttachReceiverAsync("results");
        Assert.Equal("amqp:not-allowed", refused.Error?.Condition);
        Assert.Contains("Local transactions cannot span multiple top-level entities", refused.Error?.Description, StringComparison.Ordinal);
    }

    private static async Task<SenderLink> CoordinatorAsync(LiteClient client)
    {
        var coordinator = await client.AttachSenderAsync("coordinator", new Attach { Source = new Source(), Target = new Coordinator() });
        Assert.Null(coordinator.Error);
        return coordinator;
    }

    /// <summary>
    /// A receiver that settles only when the broker has: what it says of a delivery in a transaction is not its last word.
    /// </summary>
    private Task<ReceiverLink> SecondReceiverAsync() => _client.AttachReceiverAsync("jobs", new Attach
    {
        Source = new Source { Address = "jobs" },
        Target = new Target { Address = "client" },
        RcvSettleMode = ReceiverSettleMode.Second,
    });

    private static async Task<byte[]> DeclareAsync(SenderLink coordinator) =>
        Assert.IsType<Declared>(await SendAsync(coordinator, null, new DescribedValue(0x31ul, new List()))).TxnId;

    private static Task<DeliveryState> DischargeAsync(SenderLink coordinator, byte[] id, bool fails) =>
        SendAsync(coordinator, null, new DescribedValue(0x32ul, new List { id, fails }));

    private static Task<DeliveryState> SendAsync(SenderLink sender, byte[]? transaction, object? body)
    {
        var answer = new TaskCompletionSource<DeliveryState>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new Message { BodySection = new AmqpValue { Value = body } };
        sender.Send(
            message, transaction is null ? null : new TransactionalState { TxnId = transaction },
            (_, sent, outcome, _) => answer.SetResult((DeliveryState)outcome), null);
        return Eventually.InTimeAsync("the answer", answer.Task);
    }

    /// <summary>The message can be settled by its lock, as before the transaction.</summary>
    private async Task AssertLockedAsync(Message message)
    {
        var answer = await _client.RequestAsync("jobs/$management", "com.microsoft:update-disposition", LiteClient.Body(
            ("disposition-status", "completed"), ("lock-tokens", new[] { new Guid(message.DeliveryTag) })));
        Assert.Equal(200, answer.ApplicationProperties["statusCode"]);
        Assert.Equal(0, await CountAsync("jobs"));
    }

    private async Task<int> CountAsync(string queue)
    {
        var peeked = await _client.RequestAsync(
            $"{queue}/$management", "com.microsoft:peek-message", LiteClient.Body(("from-sequence-number", 0L), ("message-count", 100)));
        return peeked.Body is Map map ? ((List)map["messages"]).Count : 0;
    }
}
