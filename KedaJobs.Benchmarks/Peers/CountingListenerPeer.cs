using System.Diagnostics;
using Amqp;

namespace KedaJobs.Benchmarks.Peers;

/// <summary>The upper bound of what AMQPNetLite's listener allows: this program itself, started with the verb <c>listen</c>.</summary>
internal sealed class CountingListenerPeer : IPeer
{
    private readonly int _port = PeerProcess.FreePort();
    private Process? _process;

    public string Name => "counting listener";

    public string QueueAddress => "load";

    public bool Stores => false;

    public int ProcessId => _process!.Id;

    public Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        _process = PeerProcess.Start("dotnet", [typeof(CountingListenerPeer).Assembly.Location, "listen", $"{_port}"]);
        return PeerProcess.ReadyAsync(_process, ConnectAsync, cancellationToken);
    }

    public Task<Connection> ConnectAsync() => Connection.Factory.CreateAsync(new Address($"amqp://127.0.0.1:{_port}"));

    public async ValueTask DisposeAsync() => await PeerProcess.EndAsync(_process);
}
