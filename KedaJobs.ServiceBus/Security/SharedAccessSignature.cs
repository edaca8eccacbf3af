using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace KedaJobs.ServiceBus.Security;

/// <summary>
/// A token of the form <c>SharedAccessSignature sr=...&amp;sig=...&amp;se=...&amp;skn=...</c> (Microsoft Learn: "Service Bus access control
/// with Shared Access Signatures").
/// </summary>
internal sealed record SharedAccessSignature
{
    private const string Scheme = "SharedAccessSignature ";

    /// <summary>The resource as it stands in the token, encoded: this text was signed.</summary>
    public required string EncodedResource { get; init; }

    public required string Signature { get; init; }

    public required string ExpiryText { get; init; }

    public required string KeyName { get; init; }

    public required DateTime Expiry { get; init; }

    /// <summary>
    /// The path of the resource, without scheme, host and query, which differ from client to client; no slash at either end.
    /// </summary>
    public string ResourcePath
    {
        get
        {
            var resource = WebUtility.UrlDecode(EncodedResource);
            var scheme = resource.IndexOf("://", StringComparison.Ordinal);
            if (scheme >= 0)
            {
                var path = resource.IndexOf('/', scheme + 3);
                resource = path < 0 ? "" : resource[path..];
            }

            var query = resource.IndexOf('?', StringComparison.Ordinal);
            return Uri.UnescapeDataString(query < 0 ? resource : resource[..query]).Trim('/');
        }
    }

    /// <summary>Takes a token apart; null if it is not one.</summary>
    public static SharedAccessSignature? Parse(string? token)
    {
        if (token is null || !token.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in token[Scheme.Length..].Split('&', StringSplitOptions.TrimEntries))
        {
            var separator = field.IndexOf('=', StringComparison.Ordinal);
            if (separator < 1 || !fields.TryAdd(field[..separator], field[(separator + 1)..]))
            {
                return null;
            }
        }

        return fields.TryGetValue("sr", out var resource)
            && fields.TryGetValue("sig", out var signature)
            && fields.TryGetValue("se", out var expiryText)
            && fields.TryGetValue("skn", out var keyName)
            && long.TryParse(expiryText, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new SharedAccessSignature
            {
                EncodedResource = resource,
                Signature = WebUtility.UrlDecode(signature),
                ExpiryText = expiryText,
                KeyName = WebUtility.UrlDecode(keyName),
                Expiry = seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTime.UnixEpoch.AddSeconds(seconds) : DateTime.MaxValue,
            }
            : null;
    }

    /// <summary>Whether the token was signed with the key.</summary>
    public bool IsSignedWith(string key) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Sign(EncodedResource, ExpiryText, key)), Encoding.UTF8.GetBytes(Signature));

    private static string Sign(string encodedResource, string expiry, string key) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{encodedResource}\n{expiry}")));
}
