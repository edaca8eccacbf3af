using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

public sealed class EndpointAnnotation : IResourceAnnotation
{
    private bool? _isProxied;
    private bool? _tlsEnabled;
    private string? _transport;

    public EndpointAnnotation(ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null, int? port = null,
        int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
        : this(protocol, null, uriScheme, transport, name, port, targetPort, isExternal, isProxied)
    {
    }

    public EndpointAnnotation(ProtocolType protocol, NetworkIdentifier? networkId, string? uriScheme = null, string? transport = null, string? name = null,
        int? port = null, int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        _transport = transport;
        Name = name ?? UriScheme;
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        _isProxied = isProxied;
        DefaultNetworkID = networkId ?? KnownNetworkIdentifiers.LocalhostNetwork;
        AllAllocatedEndpoints.Snapshot(DefaultNetworkID);
    }

    public string Name { get; set; }

    public ProtocolType Protocol { get; set; }

    public string UriScheme { get; set; }

    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol.ToString().ToLowerInvariant());
        set => _transport = value;
    }

    /// <summary>The port that others use; null: chosen when the application starts.</summary>
    public int? Port { get; set; }

    /// <summary>The port that the process itself listens on; null: chosen when the application starts.</summary>
    public int? TargetPort { get; set; }

    public string TargetHost { get; set; } = KnownHostNames.Localhost;

    public bool IsExternal { get; set; }

    public bool IsProxied
    {
        get => _isProxied ?? true;
        set => _isProxied = value;
    }

    public bool? IsExplicitlyProxied
    {
        get => _isProxied;
        set => _isProxied = value;
    }

    public bool TlsEnabled
    {
        get => _tlsEnabled ?? UriScheme == "https";
        set => _tlsEnabled = value;
    }

    public bool ExcludeReferenceEndpoint { get; set; }

    public NetworkIdentifier DefaultNetworkID { get; }

    public NetworkEndpointSnapshotList AllAllocatedEndpoints { get; } = new();

    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => AllAllocatedEndpoints.Snapshot(DefaultNetworkID).ValueOrDefault;
        set
        {
            if (value is not null)
            {
                AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(DefaultNetworkID, value);
            }
        }
    }

    /// <summary>The launch profile's URL came from the project, not from the AppHost: its own ports may be replaced at random.</summary>
    internal bool FromLaunchProfile { get; init; }

    /// <summary>Added by the publisher because a web project without it would have no https address.</summary>
    internal bool IsDefaultHttps { get; init; }
}
