using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace KedaJobs_Sample._1.Tests;

/// <summary>The whole application: the AppHost with its queues, the producer, and executions of the worker.</summary>
public sealed class JobTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task AJobIsDoneByAnExecutionAndItsResultIsTakenOnce()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KedaJobs_Sample__1_AppHost>();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("producer").WaitAsync(Patience);
        using var producer = app.CreateHttpClient("producer");

        var response = await producer.PostAsJsonAsync(
            "/jobs", new { task = "wordcount", input = new { text = "to be or not to be" }, id = "my-job" });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);

        var job = app.GetJob("worker");
        await job.WaitForExecutionAsync(execution => execution.ExitCode == 0, Patience);
        await job.WaitForIdleAsync(Patience);

        var result = Assert.Single(await TakeResultsAsync(producer))!;
        Assert.Equal(("my-job", 6), (result["id"]!.GetValue<string>(), result["output"]!["words"]!.GetValue<int>()));
        Assert.Empty(await TakeResultsAsync(producer));
    }

    private static async Task<JsonArray> TakeResultsAsync(HttpClient producer)
    {
        var response = await producer.PostAsync("/results/take", content: null);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonArray>())!;
    }
}
