using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Messaging.ServiceBus.Transport;

namespace KedaJobs.Tests.Offline;

public sealed class ClientCredentialTests
{
    [Fact]
    public void A_shared_access_signature_proves_the_key_over_resource_and_expiry()
    {
        var expiresOn = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

        var token = SharedKeyTokens.Sign("amqps://localhost/jobs", "root", "secret=", expiresOn);

        Assert.StartsWith("SharedAccessSignature ", token, StringComparison.Ordinal);
        var parts = token["SharedAccessSignature ".Length..].Split('&').ToDictionary(part => part[..part.IndexOf('=')], part => part[(part.IndexOf('=') + 1)..]);
        Assert.Equal("amqps%3A%2F%2Flocalhost%2Fjobs", parts["sr"]);
        Assert.Equal("1900000000", parts["se"]);
        Assert.Equal("root", parts["skn"]);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes("secret="), Encoding.UTF8.GetBytes("amqps%3A%2F%2Flocalhost%2Fjobs\n1900000000"));
        Assert.Equal(Convert.ToBase64String(expected), Uri.UnescapeDataString(parts["sig"]));
    }

    [Fact]
    public async Task A_ready_made_signature_is_used_as_it_is()
    {
        var token = await new SignatureTokens(() => "SharedAccessSignature sr=x&sig=y&se=1900000000&skn=z").GetTokenAsync("other", CancellationToken.None);

        Assert.Equal("SharedAccessSignature sr=x&sig=y&se=1900000000&skn=z", token.Value);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_900_000_000), token.ExpiresOn);
    }

    [Fact]
    public async Task An_entra_token_is_kept_until_it_is_nearly_over()
    {
        var credential = new CountingCredential();
        var tokens = ServiceEndpoint.TokensOf(credential);

        var first = await tokens.GetTokenAsync("a", CancellationToken.None);
        var second = await tokens.GetTokenAsync("b", CancellationToken.None);

        Assert.Equal(ServiceToken.Jwt, first.Type);
        Assert.Equal(first, second);
        Assert.Equal(1, credential.Count);
    }

    private sealed class CountingCredential : TokenCredential
    {
        public int Count { get; private set; }

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Count++;
            Assert.Equal(["https://servicebus.azure.net/.default"], requestContext.Scopes);
            return new AccessToken($"token {Count}", TimeProvider.System.GetUtcNow().AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
