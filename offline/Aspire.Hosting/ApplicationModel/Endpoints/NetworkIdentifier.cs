namespace Aspire.Hosting.ApplicationModel;

public record NetworkIdentifier(string Value);

public static class KnownNetworkIdentifiers
{
    public static readonly NetworkIdentifier LocalhostNetwork = new("localhost");

    public static readonly NetworkIdentifier DefaultAspireContainerNetwork = new("aspire-container-network");

    public static readonly NetworkIdentifier PublicInternet = new(".");
}

public static class KnownHostNames
{
    public const string Localhost = "localhost";

    public const string DefaultContainerTunnelHostName = "aspire.dev.internal";

    public const string DockerDesktopHostBridge = "host.docker.internal";
}
