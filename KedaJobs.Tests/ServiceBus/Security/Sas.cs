using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KedaJobs.Tests.ServiceBus.Security;

/// <summary>Shared access signatures as clients make them.</summary>
internal static class Sas
{
    public static string Sign(string resource, string keyName, string key, DateTimeOffset expiry)
    {
        var encoded = Uri.EscapeDataString(resource);
        var seconds = expiry.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{encoded}\n{seconds}"));
        return "SharedAccessSignature "
            + $"sr={encoded}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={seconds}&skn={keyName}";
    }
}
