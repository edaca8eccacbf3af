namespace Azure.Messaging.ServiceBus.Transport;

internal static class LinkAddress
{
    /// <summary>The client does not know, and need not, what stands behind a path.</summary>
    public const int EntityTypeUnknown = -1;

    public static string Of(string entityPath) => new Uri(new Uri("sb://host/"), entityPath).AbsolutePath;
}
