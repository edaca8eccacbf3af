using System.Diagnostics;
using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using Amqp.Types;

namespace KedaJobs.Benchmarks.Peers;

/// <summary>
/// Debian's rabbitmq-server, in a folder of its own and on loopback only: the one that is installed, or the one of another Debian in a
/// folder (eng/rabbitmq-4.sh). The queue is durable only if asked: messages are sent with the durable flag accordingly.
/// </summary>
/// <param name="durable">Whether messages must survive.</param>
/// <param name="root">The folder of the other Debian, or null.</param>
internal sealed class RabbitMqPeer(bool durable, string? root) : IPeer
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly string _folder = Directory.CreateDirectory($"{root}{Path.GetTempPath()}kedajobs-rabbitmq-{Guid.NewGuid():N}").FullName;
    private readonly int _port = PeerProcess.FreePort();
    private readonly int _portMapperPort = PeerProcess.FreePort();
    private Process? _process;

    public string Name => durable ? $"RabbitMQ {Version}, durable" : $"RabbitMQ {Version}";

    // Version 1 addresses: "/queue/x" declares a durable classic queue; a message without the durable flag stays in memory.
    public string QueueAddress => "/queue/load";

    public bool Stores => true;

    public int ProcessId => _process!.Id;

    /// <summary>What the server says of itself when a connection is opened.</summary>
    private string Version { get; set; } = "";

    /// <summary>The folder as the server sees it.</summary>
    private string OwnFolder => _folder[(root?.Length ?? 0)..];

    public static bool IsInstalled(string? root) => File.Exists($"{root}{Server}");

    public async Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        // Up to version 3 AMQP 1.0 is a plugin; the server of version 4 has a file of that name for those who still list it.
        await File.WriteAllTextAsync(Path.Combine(_folder, "enabled_plugins"), "[rabbitmq_amqp1_0].\n", cancellationToken);
        var (file, arguments) = Command(Server);
        _process = PeerProcess.Start(file, arguments, new Dictionary<string, string>
        {
            ["HOME"] = OwnFolder,
            ["RABBITMQ_NODENAME"] = $"kedajobs{_port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_DIST_PORT"] = $"{PeerProcess.FreePort()}",
            ["RABBITMQ_MNESIA_BASE"] = OwnFolder,
            ["RABBITMQ_LOG_BASE"] = OwnFolder,
            ["RABBITMQ_PID_FILE"] = $"{OwnFolder}/pid",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = $"{OwnFolder}/enabled_plugins",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = $"{_portMapperPort}",
        });
        return await PeerProcess.ReadyAsync(_process, ConnectAsync, cancellationToken);
    }

    public Task<Connection> ConnectAsync() =>
        new ConnectionFactory { SASL = { Profile = SaslProfile.Anonymous } }
            .CreateAsync(
                new Address("127.0.0.1", _port, "guest", "guest", "/", "amqp"),
                new Open { ContainerId = "benchmark", HostName = "vhost:/" }, OnOpened);

    public async ValueTask DisposeAsync()
    {
        await PeerProcess.EndAsync(_process);

        // The server leaves Erlang's port mapper behind.
        var (file, arguments) = Command("/usr/bin/epmd");
        await PeerProcess.Start(file, [.. arguments, "-port", $"{_portMapperPort}", "-kill"]).WaitForExitAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private (string File, string[] Arguments) Command(string program) => root is null ? (program, []) : ("chroot", [root, program]);

    private void OnOpened(IConnection connection, Open open)
    {
        if (open.Properties?[new Symbol("version")] is { } version)
        {
            Version = $"{version}";
        }
    }
}
