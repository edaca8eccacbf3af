using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>The producer's HTTP API as a user calls it.</summary>
internal sealed class ProducerClient(HttpClient http) : IDisposable
{
    /// <summary>Posts one job or an array of jobs, as JSON.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="traceParent">The caller's trace; null: it has none.</param>
    /// <returns>The ids of the accepted jobs.</returns>
    public async Task<string[]> PostAsync(JsonNode jobs, string? traceParent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs") { Content = JsonContent.Create(jobs) };
        if (traceParent is not null)
        {
            request.Headers.Add("traceparent", traceParent);
        }

        using var answer = await http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{answer.StatusCode}: {body}");
        return JsonNode.Parse(body)!["ids"]!.AsArray().Select(id => id!.GetValue<string>()).ToArray();
    }

    public Task<string[]> PostAsync(string task, object input) =>
        PostAsync(new JsonObject { ["task"] = task, ["input"] = JsonSerializer.SerializeToNode(input) });

    /// <summary>Takes what is there off the results queue.</summary>
    public async Task<IReadOnlyList<JsonNode>> TakeResultsAsync()
    {
        using var answer = await http.PostAsync("/results/take?max=1000", content: null);
        answer.EnsureSuccessStatusCode();
        return [.. (await answer.Content.ReadFromJsonAsync<JsonArray>())!.Select(result => result!)];
    }

    /// <summary>Takes results until there are as many as wanted; more may come.</summary>
    public async Task<List<JsonNode>> TakeResultsAsync(int count)
    {
        var results = new List<JsonNode>();
        await Eventually.SucceedsAsync(
            $"{count} results",
            async () =>
            {
                results.AddRange(await TakeResultsAsync());
                Assert.True(results.Count >= count, $"{results.Count} results so far");
            },
            AppHostFixture.Patience);
        return results;
    }

    public async Task<(long Active, long DeadLetter)> CountsAsync()
    {
        var queue = (await http.GetFromJsonAsync<JsonObject>("/queue"))!;
        return (queue["active"]!.GetValue<long>(), queue["deadLetter"]!.GetValue<long>());
    }

    /// <summary>Messages that become active later, such as retries that wait.</summary>
    public async Task<long> ScheduledAsync() => (await http.GetFromJsonAsync<JsonObject>("/queue"))!["scheduled"]!.GetValue<long>();

    public async Task<IReadOnlyList<JsonNode>> DeadLettersAsync() =>
        [.. (await http.GetFromJsonAsync<JsonArray>("/dead-letter"))!.Select(letter => letter!)];

    public async Task<int> RequeueAsync()
    {
        using var answer = await http.PostAsync("/dead-letter/requeue", content: null);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["requeued"]!.GetValue<int>();
    }

    public static string IdOf(JsonNode result) => result["id"]!.GetValue<string>();

    public void Dispose() => http.Dispose();
}
