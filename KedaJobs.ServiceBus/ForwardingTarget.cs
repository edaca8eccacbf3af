namespace KedaJobs.ServiceBus;

/// <summary>
/// What a queue or subscription forwards to. Clients name the queue or topic, or send an absolute URI such as <c>sb://localhost/orders</c>,
/// and want back what they sent: the .NET client sends <c>http://</c>, the JavaScript client <c>sb://</c>, both without regard to the port.
/// </summary>
internal static class ForwardingTarget
{
    /// <summary>The name of the queue or topic; null for none.</summary>
    public static string? NameOf(string? target) =>
        string.IsNullOrEmpty(target) ? null
        : UriOf(target) is { } uri ? Uri.UnescapeDataString(uri.AbsolutePath).Trim('/')
        : target.Trim('/');

    /// <summary>The host that an absolute URI names; null where there is only a name.</summary>
    public static string? HostOf(string? target) => target is null ? null : UriOf(target)?.Host;

    /// <summary>
    /// The target as administration clients expect it: what was sent, with scheme and host in lower case as the service writes them, or
    /// the URI of a declared name.
    /// </summary>
    public static string? ToUri(string? target, string host) =>
        NameOf(target) is not { } name ? null
        : UriOf(target!) is { } uri ? uri.AbsoluteUri
        : $"sb://{host}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    // A path alone is a file's URI on Unix.
    private static Uri? UriOf(string target) =>
        target.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(target, UriKind.Absolute, out var uri) ? uri : null;
}
