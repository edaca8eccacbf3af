using System.Net;
using System.Net.Sockets;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Durability;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus;

public sealed class DataDirectoryFailureTests
{
    private static readonly BrokerOptions Options = new() { DataDirectory = "in memory", Queues = [new QueueOptions { Name = "jobs" }] };

    [Fact]
    public async Task When_the_disk_is_full_the_broker_accepts_nothing_more_and_stops_and_the_next_one_has_what_was_accepted()
    {
        var disk = new MemorySegments();
        await using var broker = await ServiceBusBroker.StartAsync(Options, _ => disk);
        await using var client = NewClient(broker);
        await using var sender = client.CreateSender("jobs");
        await sender.SendMessageAsync(new ServiceBusMessage("accepted"));
        disk.Failure = new IOException("No space left on device");
        var refused = await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage("refused")));
        Assert.Contains("The broker can no longer write to its data directory", refused.Message, StringComparison.Ordinal);
        await Eventually.InTimeAsync("the broker stops", Stopped(broker));
        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.Loopback, broker.Port));

        await using var next = await ServiceBusBroker.StartAsync(Options, _ => new MemorySegments(disk.Copy()));
        await using var nextClient = NewClient(next);
        var left = await nextClient.CreateReceiver("jobs").PeekMessagesAsync(10);
        Assert.Equal("accepted", Assert.Single(left).Body.ToString());
    }

    [Fact]
    public async Task A_settlement_that_cannot_be_kept_is_refused()
    {
        var disk = new MemorySegments();
        await using var broker = await ServiceBusBroker.StartAsync(Options, _ => disk);
        await using var client = NewClient(broker);
        await using var sender = client.CreateSender("jobs");
        await sender.SendMessageAsync(new ServiceBusMessage("a"));
        await using var receiver = client.CreateReceiver("jobs");
        var message = await receiver.ReceiveMessageAsync(Eventually.DefaultDeadline);

        // So that the delivery is not what fails.
        var written = disk.LengthOf(1);
        await sender.SendMessageAsync(new ServiceBusMessage("b"));
        Assert.True(disk.LengthOf(1) > written);
        disk.Failure = new IOException("Input/output error");
        await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(message));
        await Eventually.InTimeAsync("the broker stops", Stopped(broker));
    }

    private static ServiceBusClient NewClient(ServiceBusBroker broker) =>
        new(broker.ConnectionString, new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0 } });

    private static async Task<bool> Stopped(ServiceBusBroker broker)
    {
        await broker.Failure;
        return true;
    }
}
