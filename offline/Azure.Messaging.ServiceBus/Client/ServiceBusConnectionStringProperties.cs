namespace Azure.Messaging.ServiceBus;

public class ServiceBusConnectionStringProperties
{
    public Uri Endpoint { get; internal set; }

    public string FullyQualifiedNamespace => Endpoint?.Host;

    public string EntityPath { get; internal set; }

    public string SharedAccessKeyName { get; internal set; }

    public string SharedAccessKey { get; internal set; }

    public string SharedAccessSignature { get; internal set; }

    /// <summary>The emulator: plain TCP and plain HTTP.</summary>
    internal bool UseDevelopmentEmulator { get; private set; }

    public static ServiceBusConnectionStringProperties Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var result = new ServiceBusConnectionStringProperties();
        foreach (var part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            var value = at < 0 ? "" : part[(at + 1)..].Trim();
            if (value.Length == 0)
            {
                throw new FormatException("The connection string could not be parsed: every part must read name=value.");
            }

            result.Set(part[..at].Trim(), value);
        }

        return result;
    }

    /// <summary>What the clients demand of a connection string beyond its syntax.</summary>
    internal void Validate(string argumentName)
    {
        var hasKey = !string.IsNullOrEmpty(SharedAccessKeyName) && !string.IsNullOrEmpty(SharedAccessKey);
        var hasSignature = !string.IsNullOrEmpty(SharedAccessSignature);
        if (string.IsNullOrEmpty(Endpoint?.Host) || !(hasKey || hasSignature))
        {
            throw new ArgumentException(
                "The connection string needs an Endpoint and either SharedAccessKeyName with SharedAccessKey, or SharedAccessSignature.",
                argumentName);
        }

        if (hasSignature && (SharedAccessKey is not null || SharedAccessKeyName is not null))
        {
            throw new ArgumentException("The connection string names a shared access key and a signature: give only one.", argumentName);
        }
    }

    private void Set(string name, string value)
    {
        switch (name.ToUpperInvariant())
        {
            case "ENDPOINT":
                Endpoint = ParseEndpoint(value);
                break;
            case "ENTITYPATH":
                EntityPath = value;
                break;
            case "SHAREDACCESSKEYNAME":
                SharedAccessKeyName = value;
                break;
            case "SHAREDACCESSKEY":
                SharedAccessKey = value;
                break;
            case "SHAREDACCESSSIGNATURE":
                SharedAccessSignature = value;
                break;
            case "USEDEVELOPMENTEMULATOR":
                UseDevelopmentEmulator = bool.TryParse(value, out var on) && on;
                break;
        }
    }

    private static Uri ParseEndpoint(string value)
    {
        // Without a scheme the host and port would be taken for one.
        var text = value.Contains("://", StringComparison.Ordinal) ? value : $"sb://{value}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new FormatException($"The connection string's Endpoint '{value}' is not a host name.");
        }

        return new UriBuilder("sb", uri.Host, uri.IsDefaultPort ? -1 : uri.Port).Uri;
    }
}
