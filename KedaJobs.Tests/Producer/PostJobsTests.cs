using System.Diagnostics;
using System.Net;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Producer;

public sealed class PostJobsTests
{
    [Fact]
    public async Task A_job_becomes_a_message()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var response = await producer.PostAsync("""{"task":"wordcount","input":{"text":"a  b"},"id":"mine"}""");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("""{"ids":["mine"]}""", (await ProducerServer.BodyAsync(response)).ToJsonString());
        var message = Assert.Single(await broker.PeekAsync());
        Assert.Equal(
            ("mine", "wordcount", "results", "application/json", """{"task":"wordcount","input":{"text":"a  b"}}"""),
            (message.MessageId, message.Subject, message.ReplyTo, message.ContentType, message.Body.ToString()));
    }

    [Fact]
    public async Task A_job_without_id_gets_one()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var answer = await ProducerServer.BodyAsync(
            await producer.PostAsync("""[{"task":"fail","input":{}},{"task":"fail","input":{}}]"""));

        var ids = answer["ids"]!.AsArray().Select(id => id!.GetValue<string>()).ToList();
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Equal(ids, (await broker.PeekAsync()).Select(message => message.MessageId));
    }

    [Fact]
    public async Task More_jobs_than_a_batch_holds_are_all_enqueued()
    {
        // Some 1,2 MB in messages of up to 256 KB a batch.
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        var text = new string('x', 1_000);
        var jobs = Enumerable.Range(0, 1_200).Select(number => $$"""{"input":{"text":"{{text}}"},"task":"wordcount","id":"{{number}}"}""");

        var response = await producer.PostAsync($"[{string.Join(',', jobs)}]");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(1_200, (await ProducerServer.BodyAsync(response))["ids"]!.AsArray().Count);
        Assert.Equal(1_200, (await broker.CountsAsync()).ActiveMessageCount);
    }

    // body, the field that is to blame
    [Theory]
    [InlineData("", "body")]
    [InlineData("{", "body")]
    [InlineData("""{"task":"fail","task":"fail","input":{}}""", "body")]
    [InlineData("""{"task":"sort","input":{}}""", "task")]
    [InlineData("""[{"task":"fail","input":{}},{"task":"wordcount","input":{}}]""", "[1].input.text")]
    public async Task When_anything_is_wrong_nothing_is_enqueued(string body, string field)
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var response = await producer.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal([field], (await ProducerServer.BodyAsync(response))["errors"]!.AsObject().Select(error => error.Key));
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
    }

    [Theory]
    [InlineData("""{"task":"wordcount","input":{"text":"TEXT"}}""", "input")]
    [InlineData("""[{"task":"fail","input":{}},{"task":"wordcount","input":{"text":"TEXT"}},{"task":"fail","input":{}}]""", "[1].input")]
    public async Task A_job_that_is_too_large_for_a_message_is_named(string body, string field)
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var response = await producer.PostAsync(body.Replace("TEXT", new string('x', 300_000), StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = Assert.Single((await ProducerServer.BodyAsync(response))["errors"]!.AsObject());
        Assert.Equal(
            (field, "is too large: a message may have 262,144 bytes, everything included."),
            (error.Key, error.Value![0]!.GetValue<string>()));
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_refused()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker, "--Producer:MaxRequestBytes=1000");

        var response = await producer.PostAsync(
            """{"task":"wordcount","input":{"text":"TEXT"}}""".Replace("TEXT", new string('x', 2_000), StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("The request is not valid.", (await ProducerServer.BodyAsync(response))["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task Without_broker_answers_soon_and_works_again_when_it_is_back()
    {
        var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        Assert.Equal(HttpStatusCode.Accepted, (await producer.PostAsync("""{"task":"fail","input":{}}""")).StatusCode);
        await broker.DisposeAsync();

        var response = await producer.PostAsync("""{"task":"fail","input":{},"id":"mine"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        var problem = await ProducerServer.BodyAsync(response);
        Assert.Equal("mine", (problem["notSent"]!.AsArray().Concat(problem["unconfirmed"]!.AsArray())).Single()!.GetValue<string>());

        await using var again = await JobsBroker.StartAsync(port: broker.Port);
        await Eventually.SucceedsAsync("the producer finds the broker again", async () =>
            Assert.Equal(HttpStatusCode.Accepted, (await producer.PostAsync("""{"task":"fail","input":{},"id":"mine"}""")).StatusCode));
        Assert.Equal("mine", Assert.Single(await again.PeekAsync()).MessageId);
    }

    [Theory]
    [InlineData("GET", "/queue")]
    [InlineData("GET", "/results")]
    [InlineData("POST", "/results/take")]
    [InlineData("GET", "/dead-letter")]
    [InlineData("POST", "/dead-letter/requeue")]
    [InlineData("POST", "/dead-letter/requeue?id=a")]
    public async Task Without_broker_every_endpoint_says_so(string method, string path)
    {
        var broker = await JobsBroker.StartAsync();
        await broker.DisposeAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var response = await producer.Http.SendAsync(request);

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (response.StatusCode, response.Headers.RetryAfter?.Delta));
        Assert.Equal(HttpStatusCode.OK, (await producer.Http.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task The_message_carries_the_trace_of_the_request()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                || source.Name.StartsWith("Azure.Messaging.ServiceBus", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs");
        request.Content = new StringContent("""{"task":"fail","input":{}}""");
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");

        (await producer.Http.SendAsync(request)).EnsureSuccessStatusCode();

        var message = Assert.Single(await broker.PeekAsync());
        Assert.True(ActivityContext.TryParse((string)message.ApplicationProperties["Diagnostic-Id"], null, out var context));
        Assert.Equal(trace, context.TraceId);
    }

    [Fact]
    public async Task A_duplicate_of_a_job_is_dropped_where_the_queue_detects_it()
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { RequiresDuplicateDetection = true });
        await using var producer = await ProducerServer.StartAsync(broker);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await producer.PostAsync("""{"task":"fail","input":{},"id":"mine"}""")).StatusCode);
        }

        Assert.Single(await broker.PeekAsync());
    }

    // the jobs queue detects duplicates, messages after the same request twice
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task The_same_idempotency_key_gets_the_same_answer(bool duplicateDetection, int messages)
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { RequiresDuplicateDetection = duplicateDetection });
        await using var producer = await ProducerServer.StartAsync(broker);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs");
            request.Content = new StringContent("""{"task":"fail","input":{}}""");
            request.Headers.Add("Idempotency-Key", "\"order 7\"");
            var response = await producer.Http.SendAsync(request);

            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Assert.Equal("""{"ids":["order 7"]}""", await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(Enumerable.Repeat("order 7", messages), (await broker.PeekAsync()).Select(message => message.MessageId));
    }

    [Fact]
    public async Task The_document_describes_the_tasks()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var document = await producer.GetAsync("/openapi/v1.json");

        Assert.Equal(
            ["/dead-letter", "/dead-letter/requeue", "/jobs", "/queue", "/results", "/results/take"],
            document["paths"]!.AsObject().Select(path => path.Key).Order());
        Assert.Equal("Idempotency-Key", document["paths"]!["/jobs"]!["post"]!["parameters"]![0]!["name"]!.GetValue<string>());
        var body = document["paths"]!["/jobs"]!["post"]!["requestBody"]!["content"]!["application/json"]!;
        var tasks = body["schema"]!["oneOf"]![0]!["oneOf"]!.AsArray();
        Assert.Equal(["wordcount", "primes", "delay", "fail"], tasks.Select(task => task!["title"]!.GetValue<string>()));
        Assert.Equal("""["upTo"]""", tasks[1]!["properties"]!["input"]!["required"]!.ToJsonString());
        Assert.Equal("\"integer\"", tasks[1]!["properties"]!["input"]!["properties"]!["upTo"]!["type"]!.ToJsonString());
        foreach (var (name, example) in body["examples"]!.AsObject())
        {
            var response = await producer.PostAsync(example!["value"]!.ToJsonString());
            Assert.True(response.StatusCode == HttpStatusCode.Accepted, $"{name}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task The_first_page_is_the_one_to_try_the_API()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var producer = await ProducerServer.StartAsync(broker);

        var response = await producer.Http.GetAsync("/");

        Assert.Equal((HttpStatusCode.OK, "/scalar/"), (response.StatusCode, response.RequestMessage?.RequestUri?.AbsolutePath));
        Assert.Contains("<title>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
