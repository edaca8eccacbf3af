using System.Net;
using System.Net.Sockets;

namespace KedaJobs.ServiceBus.Runtime;

/// <summary>
/// Sockets with one port: on 127.0.0.1 and ::1, because clients resolve <c>localhost</c> to either, or on all addresses of the machine.
/// Bound before the server starts: it cannot choose a free port for two addresses.
/// </summary>
internal sealed class ListeningSockets : IDisposable
{
    /// <summary>
    /// A port that is free on one address may be taken on the other; that it is again and again is as good as impossible.
    /// </summary>
    private const int Attempts = 20;

    private readonly Dictionary<IPAddress, Socket> _sockets;

    private ListeningSockets(Dictionary<IPAddress, Socket> sockets, int port)
    {
        _sockets = sockets;
        Port = port;
    }

    public int Port { get; }

    public IEnumerable<IPEndPoint> EndPoints => _sockets.Keys.Select(address => new IPEndPoint(address, Port)).ToList();

    /// <summary>Binds the addresses, or those of them that the machine has.</summary>
    /// <param name="port">The port, or 0 for a free one.</param>
    /// <param name="onAllAddresses">Whether other machines can reach it.</param>
    /// <exception cref="BrokerStartException">The port is taken, or cannot be used.</exception>
    public static ListeningSockets Bind(int port, bool onAllAddresses)
    {
        var (first, second) = onAllAddresses ? (IPAddress.Any, IPAddress.IPv6Any) : (IPAddress.Loopback, IPAddress.IPv6Loopback);
        SocketException? failure = null;
        for (var attempt = 0; attempt < (port == 0 ? Attempts : 1); attempt++)
        {
            var sockets = new Dictionary<IPAddress, Socket>();
            try
            {
                sockets.Add(first, Bind(first, port));
                var chosen = ((IPEndPoint)sockets[first].LocalEndPoint!).Port;
                if (HasIPv6Loopback())
                {
                    sockets.Add(second, Bind(second, chosen));
                }

                return new ListeningSockets(sockets, chosen);
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

    /// <summary>The socket for an end point; null if it is another one's.</summary>
    public Socket? Take(EndPoint endPoint) =>
        endPoint is IPEndPoint { Port: var port, Address: var address } && port == Port ? _sockets.GetValueOrDefault(address) : null;

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
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // There is a socket for the other family.
                socket.DualMode = false;
            }

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
