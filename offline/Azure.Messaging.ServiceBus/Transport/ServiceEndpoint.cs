using Azure.Core;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>Where a namespace listens and how to be let in.</summary>
internal sealed class ServiceEndpoint
{
    private const int AmqpsPort = 5671;
    private const int AmqpPort = 5672;
    private const int EmulatorManagementPort = 5300;

    private ServiceEndpoint(Uri endpoint, bool isEmulator, ITokenSource tokens)
    {
        Host = endpoint.Host;
        IsEmulator = isEmulator;
        Tokens = tokens;
        Audience = endpoint;
        AmqpEndpointPort = endpoint.Port > 0 ? endpoint.Port : isEmulator ? AmqpPort : AmqpsPort;
        Management = isEmulator
            ? new UriBuilder("http", Host, endpoint.Port > 0 ? endpoint.Port : EmulatorManagementPort).Uri
            : new UriBuilder("https", Host, endpoint.Port > 0 ? endpoint.Port : -1).Uri;
    }

    public string Host { get; }

    public int AmqpEndpointPort { get; }

    /// <summary>Plain TCP and HTTP instead of TLS.</summary>
    public bool IsEmulator { get; }

    public ITokenSource Tokens { get; }

    public Uri Management { get; }

    private Uri Audience { get; }

    public static ServiceEndpoint FromConnectionString(ServiceBusConnectionStringProperties properties)
    {
        ITokenSource tokens = properties.SharedAccessSignature is { } signature
            ? new SignatureTokens(() => signature)
            : new SharedKeyTokens(() => (properties.SharedAccessKeyName, properties.SharedAccessKey));
        return new ServiceEndpoint(properties.Endpoint, properties.UseDevelopmentEmulator, tokens);
    }

    public static ServiceEndpoint FromNamespace(string fullyQualifiedNamespace, ITokenSource tokens)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullyQualifiedNamespace);
        var text = fullyQualifiedNamespace.Contains("://", StringComparison.Ordinal) ? fullyQualifiedNamespace : $"sb://{fullyQualifiedNamespace}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new ArgumentException($"'{fullyQualifiedNamespace}' is not a host name.", nameof(fullyQualifiedNamespace));
        }

        return new ServiceEndpoint(new UriBuilder("sb", uri.Host, uri.IsDefaultPort ? -1 : uri.Port).Uri, isEmulator: false, tokens);
    }

    /// <summary>Name of an entity in put-token: <c>sb://host[:port]/entity</c>.</summary>
    public string AudienceOf(string entityPath) => new Uri(Audience, entityPath).AbsoluteUri;

    /// <summary>What a SAS token for AMQP is signed for: <c>amqps://host/entity</c>, without port, in lower case.</summary>
    public string SignedResourceOf(string entityPath) => $"amqps://{Host}/{entityPath}".TrimEnd('/').ToLowerInvariant();

    internal static ITokenSource TokensOf(TokenCredential credential) => new EntraTokens(credential ?? throw new ArgumentNullException(nameof(credential)));
}
