using System.Net;
using System.Net.NetworkInformation;
using Amqp;
using Amqp.Types;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Security;

/// <summary>Who may do what over AMQP, by claims-based security.</summary>
public sealed class AuthorizationTests : IAsyncLifetime
{
    private const string Unauthorized = "amqp:unauthorized-access";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private ServiceBusBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await ServiceBusBroker.StartAsync(
        new BrokerOptions
        {
            Rules =
            [
                SharedAccessRule.Default,
                new SharedAccessRule { Name = "listener", Key = "listen-key", Rights = AccessRights.Listen },
                new SharedAccessRule { Name = "sender", Key = "send-key", SecondaryKey = "send-key-2", Rights = AccessRights.Send },
            ],
            Queues =
            [
                new QueueOptions { Name = "jobs", AuthorizationRules = [new SharedAccessRule { Name = "own", Key = "own-key" }] },
                new QueueOptions { Name = "jobs/sub" },
                new QueueOptions { Name = "jobs2" },
            ],
        },
        timeProvider: _time);

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData("sb://localhost/jobs", "sender", "send-key", 60, "sb://localhost:1/jobs", 202)]
    [InlineData("amqps://LOCALHOST/", "sender", "send-key-2", 60, "jobs", 202)]
    [InlineData("sb://localhost/jobs", "own", "own-key", 60, "jobs/$management", 202)]
    [InlineData("sb://localhost/jobs2", "own", "own-key", 60, "jobs2", 401)]
    [InlineData("sb://localhost/", "own", "own-key", 60, "jobs", 401)]
    [InlineData("sb://localhost/jobs", "sender", "other-key", 60, "jobs", 401)]
    [InlineData("sb://localhost/jobs", "nobody", "send-key", 60, "jobs", 401)]
    [InlineData("sb://localhost/jobs", "sender", "send-key", 0, "jobs", 401)]
    [InlineData("sb://localhost/jobs", "sender", "send-key", 60, "jobs2", 401)]
    [InlineData("sb://localhost/jobs", "sender", "send-key", 60, "", 401)]
    public async Task A_token_is_checked_for_its_key_time_and_audience(
        string resource, string name, string key, int seconds, string audience, int status)
    {
        await using var client = await LiteClient.ConnectAsync(_broker);

        Assert.Equal(status, await client.PutTokenAsync(Sas.Sign(resource, name, key, _time.GetUtcNow().AddSeconds(seconds)), audience));
    }

    [Theory]
    [InlineData("SharedAccessSignature", 401)]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=c&skn=d", 401)]
    [InlineData("Bearer x", 401)]
    public async Task What_is_no_token_is_refused(string token, int status)
    {
        await using var client = await LiteClient.ConnectAsync(_broker);

        Assert.Equal(status, await client.PutTokenAsync(token, "jobs"));
        Assert.Equal(
            400, (await client.RequestAsync("$cbs", "put-token", token, ("type", "jwt"), ("name", "jobs"))).ApplicationProperties[
                "status-code"]);
        Assert.Equal(400, (await client.RequestAsync("$cbs", "take-token", token)).ApplicationProperties["status-code"]);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_attached()
    {
        await using var client = await LiteClient.ConnectAsync(_broker);

        foreach (var address in (string[])["jobs", "jobs/$DeadLetterQueue", "jobs/$management", "missing"])
        {
            Assert.Equal(Unauthorized, (await client.AttachReceiverAsync(address)).Error?.Condition);
            Assert.Equal(Unauthorized, (await client.AttachSenderAsync(address)).Error?.Condition);
        }

        Assert.False(client.IsClosed);
    }

    [Theory]
    [InlineData("listener", "listen-key", null, Unauthorized, 200, 401)]
    [InlineData("sender", "send-key", Unauthorized, null, 401, 200)]
    [InlineData(SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey, null, null, 200, 200)]
    public async Task A_key_allows_what_its_claims_say(string name, string key, string? receive, string? send, int peek, int schedule)
    {
        await using var client = await LiteClient.ConnectAsync(_broker);
        await client.PutTokenAsync(Sas.Sign("sb://localhost/jobs", name, key, _time.GetUtcNow().AddHours(1)), "sb://localhost/jobs");

        Assert.Equal(receive, (await client.AttachReceiverAsync("jobs")).Error?.Condition);
        Assert.Equal(send, (await client.AttachSenderAsync("jobs")).Error?.Condition);
        var peeked = await client.RequestAsync(
            "jobs/$management", "com.microsoft:get-message-sessions", LiteClient.Body(("skip", 0), ("top", 1)));
        Assert.Equal(peek == 200 ? 204 : peek, peeked.ApplicationProperties["statusCode"]);
        var message = new Message("later").Encode();
        var scheduled = await client.RequestAsync("jobs/$management", "com.microsoft:schedule-message", LiteClient.Body(
            ("messages", new List { LiteClient.Body(("message", message.Buffer.AsSpan(message.Offset, message.Length).ToArray())) })));
        Assert.Equal(schedule, scheduled.ApplicationProperties["statusCode"]);

        // The token is for this queue and what is below it, and for nothing beside it.
        Assert.Equal(Unauthorized, (await client.AttachReceiverAsync("jobs2")).Error?.Condition);
        Assert.Equal(receive, (await client.AttachReceiverAsync("jobs/sub")).Error?.Condition);
    }

    [Fact]
    public async Task With_a_token_a_missing_queue_is_missing()
    {
        await using var client = await LiteClient.AsManagerAsync(_broker);

        Assert.Equal("amqp:not-found", (await client.AttachReceiverAsync("missing")).Error?.Condition);
        Assert.Equal("amqp:not-found", (await client.AttachSenderAsync("missing/$management")).Error?.Condition);
    }

    [Fact]
    public async Task When_a_token_expires_its_links_are_dropped_and_the_connection_stays()
    {
        await using var client = await LiteClient.ConnectAsync(_broker);
        await client.PutTokenAsync(Token("listener", "listen-key", minutes: 1), "jobs");
        await client.PutTokenAsync(Token("sender", "send-key", minutes: 2), "jobs");
        var (receiver, sender) = (await client.AttachReceiverAsync("jobs"), await client.AttachSenderAsync("jobs"));

        _time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.SucceedsAsync("the receiver is dropped", () => Assert.Equal(Unauthorized, receiver.Error?.Condition));
        await sender.SendAsync(new Message("still allowed"));
        Assert.Equal(Unauthorized, (await client.AttachReceiverAsync("jobs")).Error?.Condition);

        _time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.SucceedsAsync("the sender is dropped", () => Assert.Equal(Unauthorized, sender.Error?.Condition));
        await client.PutTokenAsync(Token("listener", "listen-key", minutes: 1), "jobs");
        Assert.Null((await client.AttachReceiverAsync("jobs")).Error);
    }

    [Fact]
    public async Task A_token_that_is_renewed_in_time_keeps_its_links()
    {
        await using var client = await LiteClient.ConnectAsync(_broker);
        await client.PutTokenAsync(Token("listener", "listen-key", minutes: 1), "jobs");
        await client.PutTokenAsync(Token("sender", "send-key", minutes: 1), "jobs");
        var (receiver, sender) = (await client.AttachReceiverAsync("jobs"), await client.AttachSenderAsync("jobs"));
        receiver.SetCredit(1);

        for (var minute = 0; minute < 5; minute++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            await client.PutTokenAsync(Token("listener", "listen-key", minutes: 1), "jobs");
            await client.PutTokenAsync(Token("sender", "send-key", minutes: 1), "jobs");
        }

        await sender.SendAsync(new Message("kept"));
        Assert.Equal("kept", (await receiver.ReceiveAsync(Eventually.DefaultDeadline)).Body);
    }

    [Fact]
    public void The_broker_listens_on_loopback_addresses_only()
    {
        var addresses = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Where(listener => listener.Port == _broker.Port)
            .Select(listener => listener.Address)
            .ToList();

        Assert.Contains(IPAddress.Loopback, addresses);
        Assert.All(addresses, address => Assert.True(IPAddress.IsLoopback(address), $"{address} is open to others"));
    }

    private string Token(string name, string key, int minutes) =>
        Sas.Sign("sb://localhost/jobs", name, key, _time.GetUtcNow().AddMinutes(minutes));
}
