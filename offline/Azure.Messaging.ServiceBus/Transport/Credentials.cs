using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>A token that $cbs or the management API takes.</summary>
internal readonly record struct ServiceToken(string Value, string Type, DateTimeOffset ExpiresOn)
{
    public const string Sas = "servicebus.windows.net:sastoken";
    public const string Jwt = "jwt";
}

internal interface ITokenSource
{
    /// <summary>A token for a resource; only SAS tokens name it.</summary>
    ValueTask<ServiceToken> GetTokenAsync(string resource, CancellationToken cancellationToken);
}

/// <summary>Signs a new token for each request with the shared access key.</summary>
internal sealed class SharedKeyTokens(Func<(string Name, string Key)> credential) : ITokenSource
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    public ValueTask<ServiceToken> GetTokenAsync(string resource, CancellationToken cancellationToken)
    {
        var (name, key) = credential();
        var expiresOn = DateTimeOffset.UtcNow + Lifetime;
        return ValueTask.FromResult(new ServiceToken(Sign(resource, name, key, expiresOn), ServiceToken.Sas, expiresOn));
    }

    public static string Sign(string resource, string name, string key, DateTimeOffset expiresOn)
    {
        var sr = Uri.EscapeDataString(resource);
        var se = expiresOn.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{sr}\n{se}"));
        return $"SharedAccessSignature sr={sr}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={se}&skn={Uri.EscapeDataString(name)}";
    }
}

/// <summary>A signature made elsewhere. It cannot be renewed, only replaced by its owner.</summary>
internal sealed class SignatureTokens(Func<string> signature) : ITokenSource
{
    public ValueTask<ServiceToken> GetTokenAsync(string resource, CancellationToken cancellationToken)
    {
        var value = signature();
        var expiry = value.Split('&').FirstOrDefault(part => part.StartsWith("se=", StringComparison.Ordinal))?[3..];
        var expiresOn = long.TryParse(expiry, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.MaxValue;
        return ValueTask.FromResult(new ServiceToken(value, ServiceToken.Sas, expiresOn));
    }
}

/// <summary>Microsoft Entra tokens, kept until shortly before they expire.</summary>
internal sealed class EntraTokens(TokenCredential credential) : ITokenSource
{
    private static readonly TokenRequestContext Context = new(["https://servicebus.azure.net/.default"]);
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private AccessToken _token;

    public async ValueTask<ServiceToken> GetTokenAsync(string resource, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_token.ExpiresOn <= DateTimeOffset.UtcNow + Reserve)
            {
                _token = await credential.GetTokenAsync(Context, cancellationToken).ConfigureAwait(false);
            }

            return new ServiceToken(_token.Token, ServiceToken.Jwt, _token.ExpiresOn);
        }
        finally
        {
            _gate.Release();
        }
    }
}
