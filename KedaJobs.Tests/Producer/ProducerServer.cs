using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using KedaJobs.Producer;
using KedaJobs.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Producer;

/// <summary>The producer, served by Kestrel on a free port.</summary>
internal sealed class ProducerServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProducerServer(WebApplication app)
    {
        _app = app;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public static Task<ProducerServer> StartAsync(JobsBroker broker, params string[] settings) =>
        StartAsync(broker.JobsConnection, broker.ResultsConnection, null, settings);

    public static async Task<ProducerServer> StartAsync(
        string jobs, string results, Action<IServiceCollection>? configure = null, params string[] settings)
    {
        var app = ProducerApp.Create(
            [
                "--urls=http://127.0.0.1:0",
                $"--ConnectionStrings:jobs={jobs}",
                $"--ConnectionStrings:results={results}",
                "--Producer:ResultsWait=00:00:00.300",
                "--Logging:LogLevel:Default=None",
                .. settings,
            ],
            configure);
        await app.StartAsync();
        return new ProducerServer(app);
    }

    /// <summary>Posts as <c>curl -d</c> does: with the content type of a form.</summary>
    public Task<HttpResponseMessage> PostAsync(string body) =>
        Http.PostAsync("/jobs", new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"));

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(path))!;

    public static async Task<JsonNode> BodyAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonNode>())!;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
