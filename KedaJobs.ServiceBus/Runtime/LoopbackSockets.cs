using System.Net;
using System.Net.Sockets;

namespace KedaJobs.ServiceBus.Runtime;

/// <summary>
/// Sockets on 127.0.0.1 and ::1 with one port, because clients resolve <c>localhost</c> to either. Bound before the server starts: it cannot choose a free
/// port for two addresses.
/// </summary>
internal sealed class LoopbackSockets : IDisposable
{
    /// <summary>A port that is free on one address may be taken on the other; that it is again and again is as good as impossible.</summary>
    private const int Attempts = 20;

    private readonly Dictionary<IPAddress, Socket> _sockets;

    private LoopbackSockets(Dictionary<IPAddress, Socket> sockets, int port)
    {
        _sockets = sockets;
        Port = port;
    }

    public int Port { get; }

    public IEnumerable<IPEndPoint> EndPoints => _sockets.Keys.Select(address => new IPEndPoint(address, Port)).ToList();

    /// <summary>Binds both addresses, or the one that the machine has.</summary>
    /// <param name="port">The port, or 0 for a free one.</param>
    public static LoopbackSockets Bind(int port)
    {
        SocketException? failure = null;
        for (var attempt = 0; attempt < (port == 0 ? Attempts : 1); attempt++)
        {
            var sockets = new Dictionary<IPAddress, Socket>();
            try
            {
                var first = Bind(IPAddress.Loopback, port);
                sockets.Add(IPAddress.Loopback, first);
                var chosen = ((IPEndPoint)first.LocalEndPoint!).Port;
                if (HasIPv6Loopback())
                {
                    sockets.Add(IPAddress.IPv6Loopback, Bind(IPAddress.IPv6Loopback, chosen));
                }

                return new LoopbackSockets(sockets, chosen);
            }
            catch (SocketException refused)
            {
                failure = refused;
                foreach (var socket in sockets.Values)
                {
                    socket.Dispose();
                }
            }
        }

        throw new BrokerStartException(
            failure!.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {port} on localhost is in use by another program: stop that program, or choose another port (0 for any free one)."
                : $"Port {port} on localhost cannot be used ({failure.Message}): choose another port (0 for any free one).",
            failure);
    }

    /// <summary>Gives the server the socket for an end point.</summary>
    public Socket Take(EndPoint endPoint) => _sockets[((IPEndPoint)endPoint).Address];

    public void Dispose()
    {
        foreach (var socket in _sockets.Values)
        {
            socket.Dispose();
        }
    }

    private static Socket Bind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool HasIPv6Loopback()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return false;
        }

        try
        {
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
