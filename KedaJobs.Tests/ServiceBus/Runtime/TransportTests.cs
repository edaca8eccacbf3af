using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core.Pipeline;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace KedaJobs.Tests.ServiceBus.Runtime;

/// <summary>
/// AMQP, AMQP over WebSockets and the management API, each plain and over TLS, all on one port, with the official .NET client.
/// </summary>
public sealed class TransportTests : IAsyncLifetime
{
    private const string Key = "a key of their own";

    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly FakeLogCollector _log = FakeLogCollector.Create(new FakeLogCollectorOptions());
    private ServiceBusBroker _broker = null!;

    public static TheoryData<ServiceBusTransportType, bool> Transports => new()
    {
        { ServiceBusTransportType.AmqpTcp, false },
        { ServiceBusTransportType.AmqpTcp, true },
        { ServiceBusTransportType.AmqpWebSockets, false },

        // Over WebSockets with TLS the client asks no callback about the certificate: see the test of the client as it comes.
    };

    public async Task InitializeAsync() => _broker = await StartAsync(new BrokerOptions
    {
        Certificate = _certificate,
        ManagementPort = 0,
        Rules = [SharedAccessRule.Default with { Key = Key }],
        Queues = [new QueueOptions { Name = "jobs" }, new QueueOptions { Name = "sessions", RequiresSession = true }],
    });

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _certificate.Dispose();
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Messages_of_any_size_come_back_by_every_transport(ServiceBusTransportType transport, bool secure)
    {
        await using var client = NewClient(transport, secure);
        var sender = client.CreateSender("jobs");
        var bodies = new[] { 1, 1000, 200_000 }
            .Select(size => new BinaryData(Enumerable.Range(0, size).Select(index => (byte)index).ToArray()))
            .ToList();
        foreach (var body in bodies)
        {
            await sender.SendMessageAsync(new ServiceBusMessage(body));
        }

        var receiver = client.CreateReceiver("jobs");
        foreach (var body in bodies)
        {
            var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(body.ToArray(), message.Body.ToArray());
            await receiver.CompleteMessageAsync(message);
        }

        await client.CreateSender("sessions").SendMessageAsync(new ServiceBusMessage("x") { SessionId = "s" });
        var session = await client.AcceptNextSessionAsync("sessions");
        await session.SetSessionStateAsync(new BinaryData("state"));
        Assert.Equal("state", (await session.GetSessionStateAsync()).ToString());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_client_hears_that_the_broker_stops_by_every_transport(ServiceBusTransportType transport, bool secure)
    {
        await using var client = NewClient(transport, secure);
        var receiving = client.CreateReceiver("jobs").ReceiveMessageAsync(TimeSpan.FromSeconds(60));
        await client.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("x"));
        await receiving;
        var waiting = client.CreateReceiver("jobs").ReceiveMessageAsync(TimeSpan.FromSeconds(60));

        await _broker.StopAsync().WaitAsync(Eventually.DefaultDeadline);

        // With the connection gone the client is not left waiting for its sixty seconds.
        await Assert.ThrowsAnyAsync<Exception>(() => waiting.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData("AMQPWSB10", true)]
    [InlineData("amqp", true)]
    [InlineData("AMQPWSB10", false)]
    public async Task A_web_socket_carries_AMQP_also_over_TLS(string subProtocol, bool secure)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(subProtocol);
        socket.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await socket.ConnectAsync(
            new Uri($"{(secure ? "wss" : "ws")}://localhost:{_broker.Port}/$servicebus/websocket/"), CancellationToken.None);
        Assert.Equal(subProtocol, socket.SubProtocol);

        // In pieces that mean nothing.
        byte[] said = [.. "AMQP"u8, 0, 1, 0, 0, .. RawConnection.Open(), .. RawConnection.Begin(0), .. RawConnection.Frame(0, 0, 0x18)];
        foreach (var piece in said.Chunk(7))
        {
            await socket.SendAsync(piece, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }

        var (heard, buffer) = (new MemoryStream(), new byte[1000]);
        while (await Eventually.InTimeAsync(
            "the end", socket.ReceiveAsync(buffer, CancellationToken.None)) is { MessageType: not WebSocketMessageType.Close } part)
        {
            heard.Write(buffer, 0, part.Count);
        }

        Assert.StartsWith("AMQP", Encoding.Latin1.GetString(heard.ToArray()), StringComparison.Ordinal);
        Assert.Equal([0x00, 0x53, 0x18, 0xd0], heard.ToArray()[^12..^8]);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Management_works_over_http_and_https_on_both_ports(bool secure, bool onManagementPort)
    {
        var admin = new ServiceBusAdministrationClient(
            ConnectionString(secure, onManagementPort ? _broker.ManagementPort!.Value : _broker.Port),
            new ServiceBusAdministrationClientOptions { Transport = new HttpClientTransport(TrustingHandler()) });

        await admin.CreateQueueAsync($"made-{secure}-{onManagementPort}");
        Assert.True(await admin.QueueExistsAsync($"made-{secure}-{onManagementPort}"));
    }

    [LinuxTheory]
    [InlineData("AmqpTcp")]
    [InlineData("AmqpWebSockets")]
    [InlineData("management")]
    public async Task The_client_as_it_comes_works_over_TLS_where_the_certificate_is_trusted(string what)
    {
        var (exitCode, output) = await RunClientAsync(what, isTrusted: true);
        Assert.True(exitCode == 0 && output.Contains($"done {what}", StringComparison.Ordinal), output);
    }

    [LinuxTheory]
    [InlineData("AmqpTcp")]
    [InlineData("AmqpWebSockets")]
    [InlineData("management")]
    public async Task The_client_as_it_comes_refuses_a_certificate_that_is_not_trusted(string what)
    {
        var (exitCode, output) = await RunClientAsync(what, isTrusted: false);
        Assert.Equal(1, exitCode);
        Assert.Contains("certificate", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_management_port_is_for_management_alone()
    {
        using var client = await RawConnection.ConnectAsync(_broker.ManagementPort!.Value);
        await client.SendAsync("AMQP\x03\x01\x00\x00"u8.ToArray());
        Assert.Empty(await client.ReadToEndAsync("the end"));
        AssertWarned("speaks neither AMQP nor HTTP nor TLS");
    }

    [Theory]
    [InlineData("SSH-2.0-x\r\n")]
    [InlineData("\x01\x02\x03\x04")]
    [InlineData("get / HTTP/1.1\r\n\r\n")]
    public async Task A_client_that_speaks_nothing_known_is_dropped_with_a_line_in_the_log(string said)
    {
        using var client = await RawConnection.ConnectAsync(_broker);
        await client.SendAsync(Encoding.Latin1.GetBytes(said));
        Assert.Empty(await client.ReadToEndAsync("the end"));
        AssertWarned(Convert.ToHexString(Encoding.Latin1.GetBytes(said[..4])));
    }

    [Fact]
    public async Task Without_a_certificate_a_client_that_speaks_TLS_is_dropped_and_the_log_says_what_to_do()
    {
        await using var plain = await StartAsync(new BrokerOptions());
        using var client = await RawConnection.ConnectAsync(plain);
        await client.SendAsync(new byte[] { 0x16, 3, 1 });
        Assert.Empty(await client.ReadToEndAsync("the end"));
        AssertWarned("BrokerOptions.Certificate");
    }

    [Fact]
    public async Task What_is_no_TLS_behind_its_first_byte_is_dropped()
    {
        using var client = await RawConnection.ConnectAsync(_broker);
        await client.SendAsync((byte[])[0x16, 3, 1, 0, 4, .. "AMQP"u8, .. new byte[100]]);
        client.FinishSending();
        await client.ReadToEndAsync("the end");
        await using var good = NewClient(ServiceBusTransportType.AmqpTcp, secure: true);
        await good.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("x"));
    }

    [Theory]
    [InlineData("GET", null, "AMQPWSB10")]
    [InlineData("GET", "websocket", "other")]
    [InlineData("GET", "websocket", null)]
    public async Task A_request_that_is_no_web_socket_of_AMQP_is_refused(string method, string? upgrade, string? protocol)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://localhost:{_broker.Port}/$servicebus/websocket");
        if (upgrade is not null)
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.Add(new ProductHeaderValue(upgrade));
            request.Headers.Add("Sec-WebSocket-Version", "13");
            request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(new byte[16]));
        }

        if (protocol is not null)
        {
            request.Headers.Add("Sec-WebSocket-Protocol", protocol);
        }

        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("AMQPWSB10", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remote_connections_need_a_key_that_nobody_knows()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => ServiceBusBroker.StartAsync(new BrokerOptions { AcceptRemoteConnections = true }));
        Assert.Contains(SharedAccessRule.DefaultKey, refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => ServiceBusBroker.StartAsync(new BrokerOptions
        {
            AcceptRemoteConnections = true,
            Rules = [SharedAccessRule.Default with { Key = Key }],
            Queues = [new QueueOptions
            {
                Name = "jobs",
                AuthorizationRules = [new SharedAccessRule { Name = "own", Key = "x", SecondaryKey = SharedAccessRule.DefaultKey }],
            }],
        }));

        await using var open = await ServiceBusBroker.StartAsync(
            new BrokerOptions { AcceptRemoteConnections = true, Rules = [SharedAccessRule.Default with { Key = Key }] });
        var listeners = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
        Assert.Contains(listeners, listener => listener.Port == open.Port && listener.Address.Equals(IPAddress.Any));
        using var client = await RawConnection.ConnectAsync(open);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public async Task A_management_port_that_is_none_is_refused(int port)
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => ServiceBusBroker.StartAsync(new BrokerOptions { ManagementPort = port }));
        Assert.Contains("ManagementPort", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_are_loaded_from_PFX_and_PEM()
    {
        using var folder = new TemporaryFolder("certificate");
        var (pfx, pem, key) = (folder.At("a.pfx"), folder.At("a.pem"), folder.At("a.key"));
        await File.WriteAllBytesAsync(pfx, _certificate.Export(X509ContentType.Pkcs12, "secret"));
        var privateKey = _certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem();
        await File.WriteAllTextAsync(pem, _certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(key, privateKey);
        foreach (var loaded in (X509Certificate2[])[BrokerCertificate.Load(pfx, "secret"), BrokerCertificate.Load(pem, keyPath: key)])
        {
            Assert.Equal(_certificate.Thumbprint, loaded.Thumbprint);
            Assert.True(loaded.HasPrivateKey);
            loaded.Dispose();
        }

        Assert.Contains(
            pfx, Assert.Throws<BrokerStartException>(() => BrokerCertificate.Load(pfx, "wrong")).Message, StringComparison.Ordinal);
        Assert.Throws<BrokerStartException>(() => BrokerCertificate.Load(pem));
        Assert.Throws<BrokerStartException>(() => BrokerCertificate.Load(folder.At("missing.pfx")));
    }

    /// <summary>
    /// Runs <see cref="SecureClientProgram"/> with the broker's certificate, or none, as all that it trusts (OpenSSL's
    /// variables, which .NET on Linux follows).
    /// </summary>
    private async Task<(int ExitCode, string Output)> RunClientAsync(string what, bool isTrusted)
    {
        using var folder = new TemporaryFolder("tls");
        var trusted = folder.At("trusted.pem");
        await File.WriteAllTextAsync(trusted, isTrusted ? _certificate.ExportCertificatePem() : "");
        var start = new ProcessStartInfo(
            "dotnet", [
                "exec", typeof(SecureClientProgram).Assembly.Location, what, ConnectionString(secure: true, _broker.Port),
                $"{_broker.Port}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SSL_CERT_FILE"] = trusted;
        start.Environment["SSL_CERT_DIR"] = folder.FullName;
        using var client = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var kill = deadline.Token.Register(() => client.Kill(entireProcessTree: true));
        var (output, errors) = (client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
        await client.WaitForExitAsync();
        return (client.ExitCode, $"{await output}{await errors}");
    }

    private static SocketsHttpHandler TrustingHandler() =>
        new() { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };

    private static string ConnectionString(bool secure, int port) =>
        $"Endpoint=sb://localhost:{port};"
        + $"SharedAccessKeyName={SharedAccessRule.DefaultName};SharedAccessKey={Key};{(secure ? "" : "UseDevelopmentEmulator=true;")}";

    private ServiceBusClient NewClient(ServiceBusTransportType transport, bool secure) => new(
        ConnectionString(secure, _broker.Port),
        new ServiceBusClientOptions
        {
            TransportType = transport,

            // Without the emulator's flag, and over WebSockets, the client takes no port from the connection string.
            CustomEndpointAddress = secure || transport == ServiceBusTransportType.AmqpWebSockets
                ? new Uri($"sb://localhost:{_broker.Port}")
                : null,
            CertificateValidationCallback = (_, _, _, _) => true,
            RetryOptions = { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) },
        });

    private Task<ServiceBusBroker> StartAsync(BrokerOptions options) => ServiceBusBroker.StartAsync(
        options, LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new FakeLoggerProvider(_log))));

    private void AssertWarned(string part) => Assert.Contains(
        _log.GetSnapshot(), record => record.Level == LogLevel.Warning && record.Message.Contains(part, StringComparison.Ordinal));
}
