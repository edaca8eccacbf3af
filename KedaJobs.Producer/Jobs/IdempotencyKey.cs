namespace KedaJobs.Producer.Jobs;

/// <summary>
/// The header <c>Idempotency-Key</c>: a client's own name for a request, so that it can be repeated. The IETF draft writes it as a quoted
/// string, most clients without quotes; both are taken.
/// </summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <returns>The key, or null when the request has none.</returns>
    public static string? Of(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
        {
            return null;
        }

        var key = values.ToString().Trim();
        return key is ['"', .. var inner, '"'] ? inner : key;
    }
}
