using KedaJobs.Benchmarks.Peers;

namespace KedaJobs.Benchmarks.Load;

/// <summary>
/// All peers in one run, in turn and several rounds, so that a machine whose speed drifts hits them alike. Medians are compared, and only
/// ratios mean something beyond this machine.
/// </summary>
internal static class BrokerRun
{
    private const int MemoryMessages = 100_000;
    private const int WarmUps = 3;

    private static readonly int[] ConnectionCounts = [1, 8];

    /// <summary>Measures and prints a table.</summary>
    /// <param name="hostAssembly">The broker's host program.</param>
    /// <param name="messages">How many messages a figure takes.</param>
    /// <param name="rounds">How often each figure is taken.</param>
    /// <param name="withRabbitMq">Whether RabbitMQ is among the peers: a change of the broker shows without it, and sooner.</param>
    /// <param name="rabbitMqRoot">
    /// The folder with another Debian whose RabbitMQ is meant (eng/rabbitmq-4.sh); null for the one that is installed.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task RunAsync(
        string hostAssembly, int messages, int rounds, bool withRabbitMq, string? rabbitMqRoot, CancellationToken cancellationToken)
    {
        if (withRabbitMq && !RabbitMqPeer.IsInstalled(rabbitMqRoot))
        {
            throw new InvalidOperationException(rabbitMqRoot is null
                ? "rabbitmq-server is not installed: run eng/bench-broker.sh, which installs it."
                : $"There is no rabbitmq-server in {rabbitMqRoot}: run eng/rabbitmq-4.sh {rabbitMqRoot}, which puts it there.");
        }

        IEnumerable<Func<IPeer>> peers =
        [
            () => new CountingListenerPeer(),
            () => new KedaJobsPeer(hostAssembly, durable: false),
            .. RabbitMq(durable: false),
            () => new KedaJobsPeer(hostAssembly, durable: true),
            .. RabbitMq(durable: true),
        ];

        IEnumerable<Func<IPeer>> RabbitMq(bool durable) => withRabbitMq ? [() => new RabbitMqPeer(durable, rabbitMqRoot)] : [];

        var figures = new Figures();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var create in peers)
            {
                await using var peer = create();
                await MeasureAsync(peer, messages, figures, cancellationToken);
            }
        }

        figures.Print(Console.Out, messages, rounds);
    }

    private static async Task MeasureAsync(IPeer peer, int messages, Figures figures, CancellationToken cancellationToken)
    {
        var durable = peer.Name.EndsWith("durable", StringComparison.Ordinal);
        var ready = await peer.StartAsync(cancellationToken);
        figures.Add(peer.Name, "start to ready, ms", ready.TotalMilliseconds);

        // Unmeasured: just-in-time compilers need that long until what is measured does not change any more.
        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            await Traffic.SendAsync(peer, messages, 1, durable);
            if (peer.Stores)
            {
                await Traffic.ReceiveAsync(peer, messages, 1);
            }
        }

        foreach (var connections in ConnectionCounts)
        {
            figures.Add(peer.Name, $"send, {connections} conn., msg/s", await Traffic.SendAsync(peer, messages, connections, durable));
            if (peer.Stores)
            {
                figures.Add(
                    peer.Name, $"receive+complete, {connections} conn., msg/s", await Traffic.ReceiveAsync(peer, messages, connections));
                figures.Add(
                    peer.Name, $"both at once, {connections} conn., msg/s", await Traffic.BothAsync(peer, messages, connections, durable));
            }
        }

        if (peer.Stores)
        {
            await Traffic.SendAsync(peer, MemoryMessages, 1, durable);
            figures.Add(peer.Name, $"memory with {MemoryMessages:N0} queued, MiB", PeerProcess.ResidentMiB(peer.ProcessId));
        }
    }
}
