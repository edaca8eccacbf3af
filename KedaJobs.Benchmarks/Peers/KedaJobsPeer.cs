using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Amqp;
using Amqp.Framing;

namespace KedaJobs.Benchmarks.Peers;

/// <summary>The embedded broker in a process of its own (KedaJobs.ServiceBus.Host), in memory or with a data directory.</summary>
internal sealed class KedaJobsPeer(string hostAssembly, bool durable) : IPeer
{
    private const string KeyName = "RootManageSharedAccessKey";
    private const string Key = "benchmark-key";
    private readonly string _folder = Directory.CreateTempSubdirectory("kedajobs-broker-").FullName;
    private readonly int _port = PeerProcess.FreePort();
    private Process? _process;

    public string Name => durable ? "KedaJobs, durable" : "KedaJobs";

    public string QueueAddress => "load";

    public bool Stores => true;

    public int ProcessId => _process!.Id;

    public async Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        var config = Path.Combine(_folder, "Config.json");
        await File.WriteAllTextAsync(config, """
            { "UserConfig": { "Namespaces": [ { "Name": "sbemulatorns", "Queues": [ { "Name": "load", "Properties": { "LockDuration": "PT5M" } } ], "Topics": [] } ] } }
            """, cancellationToken);
        string[] data = durable ? ["--data", Path.Combine(_folder, "data")] : [];
        _process = PeerProcess.Start("dotnet", [hostAssembly, "--port", $"{_port}", "--config", config, "--key", Key, .. data]);
        return await PeerProcess.ReadyAsync(_process, ConnectAsync, cancellationToken);
    }

    public async Task<Connection> ConnectAsync()
    {
        var connection = await Connection.Factory.CreateAsync(new Address($"amqp://127.0.0.1:{_port}"));
        await PutTokenAsync(connection);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await PeerProcess.EndAsync(_process);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PutTokenAsync(Connection connection)
    {
        var session = new Session(connection);

        // All connections of a factory are one container, in which a second link of the same name would take the place of the first.
        var name = Guid.NewGuid().ToString("N");
        var replies = new ReceiverLink(
            session, $"cbs-replies-{name}",
            new Attach { Source = new Source { Address = "$cbs" }, Target = new Target { Address = "cbs" } }, null);
        var requests = new SenderLink(session, $"cbs-requests-{name}", "$cbs");
        var resource = $"sb://127.0.0.1:{_port}/load";
        var request = new Message(Token(resource))
        {
            Properties = new Properties { MessageId = "1", ReplyTo = "cbs" },
            ApplicationProperties = new ApplicationProperties
            {
                ["operation"] = "put-token",
                ["type"] = "servicebus.windows.net:sastoken",
                ["name"] = resource,
            },
        };
        replies.SetCredit(1);
        await requests.SendAsync(request);
        using var reply = await replies.ReceiveAsync(TimeSpan.FromSeconds(10)) ?? throw new TimeoutException("$cbs did not answer.");
        replies.Accept(reply);
        var status = (int)reply.ApplicationProperties["status-code"];
        if (status is not (200 or 202))
        {
            throw new InvalidOperationException($"$cbs answered {status}.");
        }

        await session.CloseAsync();
    }

    private static string Token(string resource)
    {
        var expiry = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        var encoded = Uri.EscapeDataString(resource);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes($"{encoded}\n{expiry}"));
        return "SharedAccessSignature "
            + $"sr={encoded}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={expiry}&skn={KeyName}";
    }
}
