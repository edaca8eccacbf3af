using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Producer;

/// <summary>KedaJobs.Producer.http, which editors send requests from.</summary>
public sealed partial class HttpFileTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "KedaJobs.Producer", "KedaJobs.Producer.http"));

    [Fact]
    public async Task Every_request_is_served()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var requests = Requests(producer.Http.BaseAddress!).ToList();

        Assert.Equal(9, requests.Count);
        foreach (var request in requests)
        {
            using (request)
            {
                var response = await producer.Http.SendAsync(request);
                Assert.True(
                    response.IsSuccessStatusCode, $"{request.Method} {request.RequestUri}: {await response.Content.ReadAsStringAsync()}");
            }
        }
    }

    [Fact]
    public async Task Every_operation_has_a_request()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        var operations = (await producer.GetAsync("/openapi/v1.json"))["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));

        Assert.Equal(
            operations.Order(),
            Requests(producer.Http.BaseAddress!).Select(request => $"{request.Method} {request.RequestUri!.AbsolutePath}").Distinct()
                .Order());
    }

    // The part of the format that the file uses: ### between requests, a request line, headers, an empty line, a body.
    private static IEnumerable<HttpRequestMessage> Requests(Uri producer)
    {
        var variables = Variable().Matches(Text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal("http://localhost:5180", variables["producer"]);
        variables["producer"] = producer.GetLeftPart(UriPartial.Authority);
        foreach (var section in Text.Split("\n###").Skip(1))
        {
            var parts = section[(section.IndexOf('\n') + 1)..].Trim().Split("\n\n", 2);
            var lines = Reference().Replace(parts[0], match => variables[match.Groups[1].Value]).Split('\n');
            var line = lines[0].Split(' ');
            var request = new HttpRequestMessage(new HttpMethod(line[0]), line[1]);
            request.Content = parts.Length == 2 ? new StringContent(parts[1]) : null;
            foreach (var header in lines.Skip(1).Select(header => header.Split(": ", 2)).Where(header => header[0] != "Content-Type"))
            {
                request.Headers.Add(header[0], header[1]);
            }

            yield return request;
        }
    }

    [GeneratedRegex(@"^@(\w+) = (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Reference();
}
