using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>One public port in front of one or several target ports, taken in turn.</summary>
internal sealed class TcpForwarder : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly IReadOnlyList<int> _targets;
    private int _next;

    private TcpForwarder(IReadOnlyList<int> targets) => _targets = targets;

    public static TcpForwarder Start(int port, IReadOnlyList<int> targets)
    {
        var forwarder = new TcpForwarder(targets);
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            var listener = new TcpListener(address, port);
            try
            {
                listener.Start();
            }
            catch (SocketException exception) when (exception.SocketErrorCode != SocketError.AddressAlreadyInUse)
            {
                // A machine without that address family.
                continue;
            }

            forwarder._listeners.Add(listener);
            _ = forwarder.AcceptAsync(listener);
        }

        return forwarder;
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var target = await ConnectAsync().ConfigureAwait(false);
                if (target is null)
                {
                    return;
                }

                client.NoDelay = true;
                target.NoDelay = true;
                await Task.WhenAll(CopyAsync(client, target), CopyAsync(target, client)).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // One side has gone; so does the other.
            }
        }
    }

    /// <summary>The next target that answers; a replica that is being restarted is passed over.</summary>
    private async Task<TcpClient?> ConnectAsync()
    {
        for (var attempt = 0; attempt < _targets.Count; attempt++)
        {
            var target = _targets[(int)((uint)Interlocked.Increment(ref _next) % (uint)_targets.Count)];
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, target, _stop.Token).ConfigureAwait(false);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
            }
        }

        return null;
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), _stop.Token).ConfigureAwait(false);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
