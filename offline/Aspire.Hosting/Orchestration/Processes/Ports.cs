using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Free and busy TCP ports of the loopback addresses.</summary>
internal static class Ports
{
    // Below the range from which the system itself gives ports to outgoing connections, so that none of those takes a chosen one.
    private const int First = 20_000;
    private const int Last = 31_999;
    private const int Attempts = 1_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that nobody listens on and that was not given before by this process.</summary>
    public static int Take()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = Random.Shared.Next(First, Last + 1);
            if (Given.TryAdd(port, true))
            {
                if (IsFree(port))
                {
                    return port;
                }

                Given.TryRemove(port, out _);
            }
        }

        throw new DistributedApplicationException($"No free TCP port was found between {First} and {Last}. Close programs that listen on ports of this machine.");
    }

    public static bool IsFree(int port) => CanListen(IPAddress.Loopback, port) && CanListen(IPAddress.IPv6Loopback, port);

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException exception)
        {
            // A machine without that address family is no reason to refuse the port.
            return exception.SocketErrorCode != SocketError.AddressAlreadyInUse && exception.SocketErrorCode != SocketError.AccessDenied;
        }
    }
}
