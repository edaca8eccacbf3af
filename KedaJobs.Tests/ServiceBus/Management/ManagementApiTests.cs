using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Security;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Management;

/// <summary>The management API to those who may not use it, or use it wrongly.</summary>
public sealed class ManagementApiTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly HttpClient _http = new();
    private ServiceBusBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await ServiceBusBroker.StartAsync(
        new BrokerOptions
        {
            Rules =
            [
                SharedAccessRule.Default,
                new SharedAccessRule { Name = "listener", Key = "listen-key", Rights = AccessRights.Listen | AccessRights.Send },
            ],
            Queues =
            [
                new QueueOptions { Name = "jobs", AuthorizationRules = [new SharedAccessRule { Name = "own", Key = "own-key" }] },
                new QueueOptions { Name = "jobs2" },
            ],
        },
        timeProvider: _time);

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey, "jobs", 60, HttpStatusCode.OK)]
    [InlineData("own", "own-key", "jobs", 60, HttpStatusCode.OK)]
    [InlineData("own", "own-key", "jobs2", 60, HttpStatusCode.Unauthorized)]
    [InlineData("own", "own-key", "$Resources/queues", 60, HttpStatusCode.Unauthorized)]
    [InlineData("listener", "listen-key", "jobs", 60, HttpStatusCode.Unauthorized)]
    [InlineData(SharedAccessRule.DefaultName, "wrong", "jobs", 60, HttpStatusCode.Unauthorized)]
    [InlineData(SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey, "jobs", 0, HttpStatusCode.Unauthorized)]
    public async Task A_token_is_checked_for_its_key_time_and_claims(
        string name, string key, string path, int seconds, HttpStatusCode status)
    {
        var token = Sas.Sign($"http://localhost/{(name == "own" ? "jobs" : path)}", name, key, _time.GetUtcNow().AddSeconds(seconds));

        Assert.Equal(status, (await SendAsync(HttpMethod.Get, path, token)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer x")]
    [InlineData("SharedAccessSignature sr=%00&sig=%&se=1&skn=")]
    public async Task What_is_no_token_is_unauthorized(string? token)
    {
        var (status, text) = await SendAsync(HttpMethod.Delete, "jobs", token);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.StartsWith("<Error><Code>401</Code><Detail>", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "jobs", Manager)).Status);
    }

    [Theory]
    [InlineData("%01", HttpStatusCode.NotFound)]
    [InlineData("%EF%BF%BF", HttpStatusCode.NotFound)]
    [InlineData("$Resources/%02", HttpStatusCode.NotFound)]
    [InlineData("$Resources/queues?$skip=0&$top=1&api-version=%01", HttpStatusCode.OK)]
    [InlineData("$Resources/queues?$skip=-1", HttpStatusCode.BadRequest)]
    [InlineData("$Resources/queues?$top=99999999999", HttpStatusCode.BadRequest)]
    public async Task Paths_and_queries_that_XML_cannot_hold_are_answered(string path, HttpStatusCode status) =>
        Assert.Equal(status, (await SendAsync(HttpMethod.Get, path, Manager)).Status);

    [Theory]
    [InlineData("no XML")]
    [InlineData("<entry/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]><entry>&b;</entry>")]
    public async Task A_body_that_is_no_entry_is_a_bad_request(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Put, "new", Manager, new StringContent(body))).Status);

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_whether_it_says_so_or_not()
    {
        var bytes = Encoding.ASCII.GetBytes($"<entry>{new string(' ', 100_000)}</entry>");

        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge, (await SendAsync(HttpMethod.Put, "new", Manager, new ByteArrayContent(bytes))).Status);
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            (await SendAsync(HttpMethod.Put, "new", Manager, new StreamContent(new Unsized(bytes)))).Status);
    }

    private string Manager =>
        Sas.Sign("http://localhost/", SharedAccessRule.DefaultName, SharedAccessRule.DefaultKey, _time.GetUtcNow().AddHours(1));

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(
        HttpMethod method, string path, string? token, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, $"http://localhost:{_broker.Port}/{path}") { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(token);
        }

        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A stream that does not know its length: it is sent in chunks.</summary>
    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
