using System.Collections;
using System.Collections.Concurrent;

namespace Aspire.Hosting.ApplicationModel;

public enum EndpointBindingMode
{
    SingleAddress = 0,
    DualStackAnyAddresses = 1,
    IPv4AnyAddresses = 2,
    IPv6AnyAddresses = 3,
}

/// <summary>Where an endpoint can be reached in this run.</summary>
public class AllocatedEndpoint
{
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
        : this(endpoint, address, port, EndpointBindingMode.SingleAddress, targetPortExpression)
    {
    }

    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, EndpointBindingMode bindingMode, string? targetPortExpression = null)
        : this(endpoint, address, port, bindingMode, targetPortExpression, networkId: null)
    {
    }

    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, EndpointBindingMode bindingMode, string? targetPortExpression = null,
        NetworkIdentifier? networkId = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        Endpoint = endpoint;
        Address = address;
        Port = port;
        BindingMode = bindingMode;
        TargetPortExpression = targetPortExpression;
        NetworkID = networkId ?? endpoint.DefaultNetworkID;
    }

    public EndpointAnnotation Endpoint { get; }

    public string Address { get; }

    public int Port { get; }

    public EndpointBindingMode BindingMode { get; }

    /// <summary>A placeholder for the port inside the process, filled when the process is started.</summary>
    public string? TargetPortExpression { get; }

    public NetworkIdentifier NetworkID { get; }

    public string UriScheme => Endpoint.UriScheme;

    public string EndPointString => $"{Address}:{Port}";

    public string UriString => $"{UriScheme}://{EndPointString}";

    public override string ToString() => UriString;
}

public record NetworkEndpointSnapshot(ValueSnapshot<AllocatedEndpoint> Snapshot, NetworkIdentifier NetworkID);

public class NetworkEndpointSnapshotList : IEnumerable<NetworkEndpointSnapshot>
{
    private readonly ConcurrentDictionary<NetworkIdentifier, NetworkEndpointSnapshot> _snapshots = new();

    public IEnumerator<NetworkEndpointSnapshot> GetEnumerator() => _snapshots.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void AddOrUpdateAllocatedEndpoint(NetworkIdentifier networkId, AllocatedEndpoint endpoint) => Snapshot(networkId).SetValue(endpoint);

    public Task<AllocatedEndpoint> GetAllocatedEndpointAsync(NetworkIdentifier networkId, CancellationToken cancellationToken = default) =>
        Snapshot(networkId).GetValueAsync(cancellationToken);

    internal ValueSnapshot<AllocatedEndpoint> Snapshot(NetworkIdentifier networkId) =>
        _snapshots.GetOrAdd(networkId, static id => new NetworkEndpointSnapshot(new ValueSnapshot<AllocatedEndpoint>(), id)).Snapshot;
}
