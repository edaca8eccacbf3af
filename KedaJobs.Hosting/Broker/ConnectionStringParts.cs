namespace KedaJobs.Hosting.Broker;

/// <summary>A Service Bus connection string, taken apart: KEY=VALUE joined by ';'. Values may hold '='.</summary>
internal static class ConnectionStringParts
{
    public const string Endpoint = "Endpoint";

    private const string EntityPath = "EntityPath";

    /// <summary>The parts in their order, without the entity: what is left refers to the namespace.</summary>
    public static List<KeyValuePair<string, string>> OfNamespace(string connectionString) =>
    [
        .. connectionString
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2 && !part[0].Equals(EntityPath, StringComparison.OrdinalIgnoreCase))
            .Select(part => KeyValuePair.Create(part[0], part[1])),
    ];

    public static string? Find(IEnumerable<KeyValuePair<string, string>> parts, string key) => parts
        .Where(part => part.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
        .Select(part => part.Value)
        .FirstOrDefault();

    public static string Join(IEnumerable<KeyValuePair<string, string>> parts) =>
        string.Join(';', parts.Select(part => $"{part.Key}={part.Value}"));
}
