using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// The ports of one endpoint in this run. One process without a port of its own wish listens on the public port itself; several processes, or one that
/// insists on another port, stand behind a forwarder.
/// </summary>
internal sealed class EndpointPlan : IDisposable
{
    private readonly string _resourceName;
    private TcpForwarder? _forwarder;

    private EndpointPlan(string resourceName, EndpointAnnotation endpoint, string serviceName, int publicPort, IReadOnlyList<int> targetPorts, bool isForwarded)
    {
        _resourceName = resourceName;
        Endpoint = endpoint;
        ServiceName = serviceName;
        PublicPort = publicPort;
        TargetPorts = targetPorts;
        IsForwarded = isForwarded;
    }

    public EndpointAnnotation Endpoint { get; }

    /// <summary>What the placeholders for this endpoint's port are named by.</summary>
    public string ServiceName { get; }

    public int PublicPort { get; }

    /// <summary>By replica.</summary>
    public IReadOnlyList<int> TargetPorts { get; }

    public bool IsForwarded { get; }

    public static IReadOnlyList<EndpointPlan> For(IResource resource, int replicas, bool randomizePorts)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.Protocol == ProtocolType.Tcp).ToArray();
        return [.. endpoints.Select(e => For(resource, e, endpoints.Length == 1 ? resource.Name : $"{resource.Name}-{e.Name}", replicas, randomizePorts))];
    }

    /// <summary>Tells everybody who waits for the address.</summary>
    public void Allocate() => Endpoint.AllocatedEndpoint = new AllocatedEndpoint(Endpoint, Endpoint.TargetHost is "localhost" or "127.0.0.1" ? Endpoint.TargetHost : "localhost",
        PublicPort, Templates.PortForServing(ServiceName));

    /// <summary>Makes sure that the ports can be had before a process is started for nothing.</summary>
    /// <exception cref="DistributedApplicationException">Another program listens on one of them.</exception>
    public void Open(int replica)
    {
        if (IsForwarded && _forwarder is null)
        {
            ThrowIfBusy(PublicPort);
            _forwarder = TcpForwarder.Start(PublicPort, TargetPorts);
        }

        ThrowIfBusy(TargetPorts[replica]);
    }

    public void Dispose() => _forwarder?.Dispose();

    private static EndpointPlan For(IResource resource, EndpointAnnotation endpoint, string serviceName, int replicas, bool randomizePorts)
    {
        if (!endpoint.IsProxied)
        {
            var port = endpoint.Port ?? endpoint.TargetPort ?? throw new DistributedApplicationException(
                $"Endpoint '{endpoint.Name}' of resource '{resource.Name}' needs a port, since it isn't using a proxy.");
            return replicas > 1
                ? throw new DistributedApplicationException($"Resource '{resource.Name}' cannot have {replicas} replicas: its endpoint '{endpoint.Name}' isn't using a proxy.")
                : new EndpointPlan(resource.Name, endpoint, serviceName, port, [endpoint.TargetPort ?? port], isForwarded: false);
        }

        var publicPort = (randomizePorts ? null : endpoint.Port) ?? Ports.Take();
        var isForwarded = replicas > 1 || (endpoint.TargetPort is { } own && own != publicPort);
        int[] targetPorts = isForwarded ? [.. Enumerable.Range(0, replicas).Select(_ => replicas == 1 ? endpoint.TargetPort!.Value : Ports.Take())] : [publicPort];
        return new EndpointPlan(resource.Name, endpoint, serviceName, publicPort, targetPorts, isForwarded);
    }

    private void ThrowIfBusy(int port)
    {
        if (!Ports.IsFree(port))
        {
            throw new DistributedApplicationException(
                $"Port {port} (endpoint '{Endpoint.Name}' of '{_resourceName}') is in use by another program. Stop that program, or give the endpoint another port"
                + (Endpoint.FromLaunchProfile ? " (applicationUrl in the project's Properties/launchSettings.json)." : "."));
        }
    }
}
