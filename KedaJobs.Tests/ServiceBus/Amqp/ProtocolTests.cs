using Amqp;
using Amqp.Framing;
using Amqp.Types;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Amqp;

/// <summary>What the official clients do not send, or not so: it is refused with an error that says what is wrong.</summary>
public sealed class ProtocolTests : IAsyncLifetime
{
    private ServiceBusBroker _broker = null!;
    private LiteClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await ServiceBusBroker.StartAsync(new BrokerOptions
        {
            Queues = [new QueueOptions { Name = "jobs" }, new QueueOptions { Name = "sessions", RequiresSession = true }],
        });
        _client = await LiteClient.AsManagerAsync(_broker);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData("com.microsoft:add-rule", 400, "amqp:not-allowed")]
    [InlineData("", 501, "amqp:not-implemented")]
    [InlineData("com.microsoft:peek-message", 400, "com.microsoft:argument-error")]
    [InlineData("com.microsoft:renew-lock", 400, "com.microsoft:argument-error")]
    [InlineData("com.microsoft:set-session-state", 400, "com.microsoft:argument-error")]
    public async Task A_management_operation_that_is_unknown_or_incomplete_is_refused(string operation, int status, string condition)
    {
        var response = await _client.RequestAsync("jobs/$management", operation, LiteClient.Body(("lock-tokens", "text")));

        Assert.Equal(status, response.ApplicationProperties["statusCode"]);
        Assert.Equal((Symbol)condition, response.ApplicationProperties["errorCondition"]);
        Assert.NotEmpty((string)response.ApplicationProperties["statusDescription"]);
    }

    [Fact]
    public async Task Requests_are_refused_while_a_thousand_answers_wait_for_a_client_that_gives_no_credit()
    {
        var responses = await _client.AttachReceiverAsync("jobs/$management");
        var requests = await _client.AttachSenderAsync("jobs/$management");
        for (var request = 0; request < 1000; request++)
        {
            await requests.SendAsync(Request());
        }

        Assert.Equal(
            "com.microsoft:server-busy", (await Assert.ThrowsAsync<AmqpException>(() => requests.SendAsync(Request()))).Error.Condition);

        responses.SetCredit(1000, autoRestore: false);
        for (var response = 0; response < 1000; response++)
        {
            Assert.NotNull(await responses.ReceiveAsync(Eventually.DefaultDeadline));
        }

        await requests.SendAsync(Request());

        static Message Request() => new()
        {
            ApplicationProperties = new ApplicationProperties { ["operation"] = "com.microsoft:peek-message" },
            BodySection = new AmqpValue { Value = LiteClient.Body(("from-sequence-number", 0L), ("message-count", 1)) },
        };
    }

    [Fact]
    public async Task A_management_request_without_a_map_is_refused() => Assert.Equal(
        400, (await _client.RequestAsync("jobs/$management", "com.microsoft:peek-message", "text")).ApplicationProperties["statusCode"]);

    [Theory]
    [InlineData("jobs/$Transfer/$DeadLetterQueue")]
    [InlineData("/JOBS/$deadletterqueue")]
    [InlineData("amqps://localhost/jobs/$DeadLetterQueue")]
    public async Task Dead_letter_queues_can_be_received_from_and_not_sent_to(string address)
    {
        Assert.Null((await _client.AttachReceiverAsync(address)).Error);
        Assert.Equal("amqp:not-allowed", (await _client.AttachSenderAsync(address)).Error?.Condition);
        Assert.Equal(204, (await _client.RequestAsync(
            $"{address}/$management", "com.microsoft:peek-message",
            LiteClient.Body(("from-sequence-number", 0L), ("message-count", 1)))).ApplicationProperties["statusCode"]);
    }

    [Fact]
    public async Task Sessions_with_messages_are_listed_in_pages()
    {
        var sender = await _client.AttachSenderAsync("sessions");
        foreach (var session in (string[])["c", "a", "b", "a"])
        {
            await sender.SendAsync(new Message("x") { Properties = new Properties { GroupId = session } });
        }

        Assert.Equal(["a", "b"], await ListAsync(skip: 0));
        Assert.Equal(["c"], await ListAsync(skip: 2));

        async Task<string[]> ListAsync(int skip) => (string[])((Map)(await _client.RequestAsync(
            "sessions/$management",
            "com.microsoft:get-message-sessions",
            LiteClient.Body(("last-updated-time", DateTime.MaxValue), ("skip", skip), ("top", 2)))).Body)["sessions-ids"];
    }

    [Fact]
    public async Task A_filter_that_the_broker_does_not_know_is_refused_and_not_ignored()
    {
        var source = new Source
        {
            Address = "jobs",
            FilterSet = new Map { [(Symbol)"apache.org:selector-filter:string"] = new DescribedValue(0x0000468C00000004ul, "a = 1") },
        };
        var receiver = await _client.AttachReceiverAsync(
            "jobs", new Attach { Source = source, Target = new Target { Address = "client" } });

        Assert.Equal("amqp:not-implemented", receiver.Error?.Condition);
        Assert.Contains("invalid filter type", receiver.Error?.Description, StringComparison.Ordinal);
    }
}
