using System.Security.Cryptography.X509Certificates;

namespace KedaJobs.ServiceBus;

/// <summary>How a broker starts: where it listens, what it holds, who may use it.</summary>
public sealed record BrokerOptions
{
    /// <summary>
    /// The TCP port for AMQP, AMQP over WebSockets and the management API alike; 0 (the default) lets the system choose a free one.
    /// 0 to 65535.
    /// </summary>
    public int Port { get; init; }

    /// <summary>
    /// A second TCP port for the management API alone, beside <see cref="Port"/>, which always has it too; 0 lets the system choose a free
    /// one, 1 to 65535. The official emulator has 5300, to which some tools send management requests whatever the connection string says.
    /// Null (the default) opens none.
    /// </summary>
    public int? ManagementPort { get; init; }

    /// <summary>
    /// The certificate, with its private key, for clients that connect with TLS (AMQP over TLS, HTTPS, WebSockets over TLS), on the same
    /// port as those that do not: see <see cref="BrokerCertificate"/>. Null (the default) turns TLS off.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// Whether other machines, and containers on this one, can connect: the broker then listens on all addresses. It refuses to start like
    /// that with the emulator's well-known key (<see cref="SharedAccessRule.DefaultKey"/>), unless its rule is
    /// <see cref="SharedAccessRule.LoopbackOnly"/>. Default false: loopback addresses only.
    /// </summary>
    public bool AcceptRemoteConnections { get; init; }

    /// <summary>
    /// Queues that are there from the start. One that the data directory already knows under this name takes on these values; its messages
    /// stay. Default none: queues can also be created through the management API.
    /// </summary>
    public IReadOnlyList<QueueOptions> Queues { get; init; } = [];

    /// <summary>Topics with their subscriptions that are there from the start. Default none, as for <see cref="Queues"/>.</summary>
    public IReadOnlyList<TopicOptions> Topics { get; init; } = [];

    /// <summary>
    /// The shared access keys that are accepted; the first one stands in the connection string. Default: the official emulator's.
    /// </summary>
    public IReadOnlyList<SharedAccessRule> Rules { get; init; } = [SharedAccessRule.Default];

    /// <summary>
    /// A folder for everything that must survive a restart; it is created if missing, and one broker at a time may use it. With one,
    /// nothing is acknowledged to a client before it is on disk (flushed, many at a time), so it survives the end of the process and of the
    /// machine. A broker that cannot write to it any more stops. Null (the default) keeps everything in memory.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>Who hears what happens to messages; null (the default) for nobody. Dead letters are left out.</summary>
    public IMessageObserver? Observer { get; init; }

    /// <summary>
    /// How long an AMQP client may be silent before it is taken for dead; it is told half of it. Service Bus's, but for tests.
    /// </summary>
    internal TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(4);
}
