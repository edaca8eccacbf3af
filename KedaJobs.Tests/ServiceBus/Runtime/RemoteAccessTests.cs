using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Security;

namespace KedaJobs.Tests.ServiceBus.Runtime;

/// <summary>
/// A broker that other machines can reach: a key for this machine only is worth nothing there. An own address that is no loopback address
/// is as good as another machine.
/// </summary>
public sealed class RemoteAccessTests : IAsyncLifetime
{
    private const string RemoteKey = "a key for all";

    private ServiceBusBroker _broker = null!;

    public static TheoryData<ServiceBusTransportType> Transports =>
        [ServiceBusTransportType.AmqpTcp, ServiceBusTransportType.AmqpWebSockets];

    public async Task InitializeAsync() => _broker = await ServiceBusBroker.StartAsync(new BrokerOptions
    {
        AcceptRemoteConnections = true,
        Rules = [SharedAccessRule.Default with { LoopbackOnly = true }, SharedAccessRule.Default with { Key = RemoteKey }],
        Queues = [new QueueOptions { Name = "jobs" }],
    });

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_key_for_this_machine_only_is_refused_from_elsewhere(ServiceBusTransportType transport)
    {
        await using var here = NewClient("localhost", SharedAccessRule.DefaultKey, transport);
        await here.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("here"));
        await using var allowed = NewClient(OwnAddress(), RemoteKey, transport);
        await allowed.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("there"));

        await using var refused = NewClient(OwnAddress(), SharedAccessRule.DefaultKey, transport);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => refused.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("refused")));

        await using var receiver = allowed.CreateReceiver(
            "jobs", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        Assert.Equal("here", (await receiver.ReceiveMessageAsync()).Body.ToString());
        Assert.Equal("there", (await receiver.ReceiveMessageAsync()).Body.ToString());
        Assert.Null(await receiver.ReceiveMessageAsync(TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public async Task Management_goes_by_the_same_rule()
    {
        Assert.True(await Admin("localhost", SharedAccessRule.DefaultKey).QueueExistsAsync("jobs"));
        Assert.True(await Admin(OwnAddress(), RemoteKey).QueueExistsAsync("jobs"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => Admin(OwnAddress(), SharedAccessRule.DefaultKey).QueueExistsAsync("jobs"));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.1.2.3", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("192.0.2.7", false)]
    [InlineData("::ffff:192.0.2.7", false)]
    [InlineData("fd00::2", false)]
    [InlineData(null, false)]
    public void Local_is_who_connects_by_a_loopback_address(string? address, bool isLocal)
    {
        var parsed = address is null ? null : IPAddress.Parse(address);
        Assert.Equal(isLocal, ClientAddress.IsLocal(parsed));
        Assert.Equal(isLocal, ClientAddress.IsLocal(parsed is null ? null : new IPEndPoint(parsed, 1)));
    }

    [Fact]
    public void A_key_shown_in_SASL_PLAIN_goes_by_the_same_rule()
    {
        var tokens = new TokenValidator([SharedAccessRule.Default with { LoopbackOnly = true }], _ => []);
        Assert.NotNull(tokens.ValidateKey(SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey, isLocal: true));
        Assert.Null(tokens.ValidateKey(SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey, isLocal: false));
    }

    private static string OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(one => one.GetIPProperties().UnicastAddresses)
        .Select(one => one.Address)
        .First(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
        .ToString();

    private string ConnectionString(string host, string key) =>
        $"Endpoint=sb://{host}:{_broker.Port};"
        + $"SharedAccessKeyName={SharedAccessRule.DefaultName};SharedAccessKey={key};UseDevelopmentEmulator=true;";

    private ServiceBusAdministrationClient Admin(string host, string key) => new(ConnectionString(host, key));

    private ServiceBusClient NewClient(string host, string key, ServiceBusTransportType transport) =>
        new(ConnectionString(host, key), new ServiceBusClientOptions
        {
            TransportType = transport,
            CustomEndpointAddress = transport == ServiceBusTransportType.AmqpWebSockets ? new Uri($"sb://{host}:{_broker.Port}") : null,
            RetryOptions = { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) },
        });
}
