using System.Net;

namespace KedaJobs.ServiceBus.Security;

/// <summary>Where a client is.</summary>
internal static class ClientAddress
{
    /// <summary>Whether the client connects by a loopback address. One whose address is not known does not.</summary>
    public static bool IsLocal(EndPoint? client) => client is IPEndPoint { Address: var address } && IsLocal(address);

    /// <inheritdoc cref="IsLocal(EndPoint?)"/>
    public static bool IsLocal(IPAddress? client) =>
        client is not null && IPAddress.IsLoopback(client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client);
}
