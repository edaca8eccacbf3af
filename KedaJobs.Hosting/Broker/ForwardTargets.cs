namespace KedaJobs.Hosting.Broker;

/// <summary>What <c>ForwardTo</c> and <c>ForwardDeadLetteredMessagesTo</c> name.</summary>
internal static class ForwardTargets
{
    /// <summary>The path of the target in its namespace. Service Bus also accepts the entity's URI.</summary>
    public static string Path(string declared) =>
        Uri.TryCreate(declared, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.AbsolutePath.Trim('/') : declared;
}
