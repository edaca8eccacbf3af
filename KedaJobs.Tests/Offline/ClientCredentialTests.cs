using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Transport;
using KedaJobs.Tests.Offline.Support;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

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

    [Fact]
    public async Task A_token_is_put_again_before_it_expires_while_the_link_is_open()
    {
        using var service = new ScriptedService();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var client = new ServiceBusClient(service.ConnectionString, new ServiceBusClientOptions { Time = time });
        var sender = client.CreateSender("jobs");
        await sender.SendMessageAsync(new ServiceBusMessage("x"));
        Assert.Single(service.Tokens);

        // Tokens live for 30 minutes of real time; this clock lags by what the start has taken.
        time.Advance(TimeSpan.FromMinutes(22));
        Assert.Single(service.Tokens);
        service.TokenAnswers.Enqueue(500);
        time.Advance(TimeSpan.FromMinutes(3));
        await Eventually.SucceedsAsync("a second token is put", () => Assert.Equal(2, service.Tokens.Count));

        // That one was not taken: the next follows soon.
        await Eventually.SucceedsAsync("a third token is put", () =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            Assert.True(service.Tokens.Count >= 3);
        });

        // A closed link needs none: the only one that comes is that of the next link.
        await sender.CloseAsync();
        var put = service.Tokens.Count;
        time.Advance(TimeSpan.FromHours(2));
        await client.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("y"));
        Assert.Equal(put + 1, service.Tokens.Count);
        Assert.Equal(1, service.Connections);
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
