using System.Security.Cryptography.X509Certificates;

namespace KedaJobs.ServiceBus;

/// <summary>How a broker starts: where it listens, what it holds, who may use it.</summary>
public sealed record BrokerOptions
{
    /// <summary>
    /// The TCP port for AMQP, AMQP over WebSockets and the management API; 0 (the default) lets the system choose a free one. 0 to 65535.
    /// </summary>
    public int Port { get; init; }

    /// <summary>
    /// A second TCP port for the management API only, in addition to <see cref="Port"/>, which always serves it; 0 lets the system choose a
    /// free one, 1 to 65535. The official emulator uses 5300, and some tools send management requests there regardless of the connection
    /// string. Null (the default) opens none.
    /// </summary>
    public int? ManagementPort { get; init; }

    /// <summary>
    /// The certificate, with its private key, for clients that connect with TLS (AMQP over TLS, HTTPS, WebSockets over TLS), on the same
    /// port as those that do not: see <see cref="BrokerCertificate"/>. Null (the default) turns TLS off.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// Whether other machines, and containers on this one, can connect: the broker then listens on all addresses. In that case, it refuses
    /// to start with the emulator's well-known key (<see cref="SharedAccessRule.DefaultKey"/>), unless its rule is
    /// <see cref="SharedAccessRule.LoopbackOnly"/>. Default false: loopback addresses only.
    /// </summary>
    public bool AcceptRemoteConnections { get; init; }

    /// <summary>
    /// The queues that exist from the start. A queue of the same name in the data directory takes on these values and keeps its messages.
    /// Default none: queues can also be created through the management API.
    /// </summary>
    public IReadOnlyList<QueueOptions> Queues { get; init; } = [];

    /// <summary>The topics, with their subscriptions, that exist from the start. Default none, as for <see cref="Queues"/>.</summary>
    public IReadOnlyList<TopicOptions> Topics { get; init; } = [];

    /// <summary>
    /// The shared access keys that are accepted; the connection string uses the first one. Default: the official emulator's.
    /// </summary>
    public IReadOnlyList<SharedAccessRule> Rules { get; init; } = [SharedAccessRule.Default];

    /// <summary>
    /// A folder for everything that must survive a restart; it is created if missing, and one broker at a time may use it. With a data
    /// directory, nothing is acknowledged to a client before it is on disk (flushed, many at a time), so it survives the end of the process
    /// and of the machine. A broker that can no longer write to it stops. Null (the default) keeps everything in memory.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>Observes what happens to messages; null (the default) for no observer. Dead letters are not included.</summary>
    public IMessageObserver? Observer { get; init; }

    /// <summary>
    /// How long an AMQP client may be silent before it is taken for dead; it is told half of it. Service Bus's, but for tests.
    /// </summary>
    internal TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(4);
}
