using System.Diagnostics;
using Amqp;
using Amqp.Sasl;

namespace KedaJobs.Benchmarks.Peers;

/// <summary>
/// Debian's rabbitmq-server with the plugin rabbitmq_amqp1_0 (AMQP 1.0), in a folder of its own and on loopback only. The queue is durable only if asked:
/// messages are sent with the durable flag accordingly.
/// </summary>
internal sealed class RabbitMqPeer(bool durable) : IPeer
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly string _folder = Directory.CreateTempSubdirectory("kedajobs-rabbitmq-").FullName;
    private readonly int _port = PeerProcess.FreePort();
    private Process? _process;

    public static bool IsInstalled => File.Exists(Server);

    public string Name => durable ? "RabbitMQ, durable" : "RabbitMQ";

    // Version 1 addresses of the plugin: "/queue/x" declares a durable classic queue; a message without the durable flag stays in memory.
    public string QueueAddress => "/queue/load";

    public bool Stores => true;

    public int ProcessId => _process!.Id;

    public async Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        var plugins = Path.Combine(_folder, "enabled_plugins");
        await File.WriteAllTextAsync(plugins, "[rabbitmq_amqp1_0].\n", cancellationToken);
        _process = PeerProcess.Start(Server, [], new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["RABBITMQ_NODENAME"] = $"kedajobs{_port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_DIST_PORT"] = $"{PeerProcess.FreePort()}",
            ["RABBITMQ_MNESIA_BASE"] = _folder,
            ["RABBITMQ_LOG_BASE"] = _folder,
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = $"{PeerProcess.FreePort()}",
        });
        return await PeerProcess.ReadyAsync(_process, ConnectAsync, cancellationToken);
    }

    public Task<Connection> ConnectAsync() =>
        new ConnectionFactory { SASL = { Profile = SaslProfile.Anonymous } }
            .CreateAsync(new Address("127.0.0.1", _port, "guest", "guest", "/", "amqp"));

    public async ValueTask DisposeAsync()
    {
        await PeerProcess.EndAsync(_process);
        Directory.Delete(_folder, recursive: true);
    }
}
