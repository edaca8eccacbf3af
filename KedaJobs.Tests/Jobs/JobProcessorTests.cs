using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Jobs;
using KedaJobs.Jobs.Hosting;
using KedaJobs.Jobs.Settling;
using KedaJobs.Tests.Support;
using KedaJobs.Worker;
using KedaJobs.Worker.Handlers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using JobProperties = KedaJobs.Jobs.JobProperties;

namespace KedaJobs.Tests.Jobs;

public sealed class JobProcessorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly FakeQueue _queue = new();
    private readonly ServiceProvider _services;
    private readonly QueueJobOptions _options = new() { DelayRetries = false };

    public JobProcessorTests() => _services = new ServiceCollection()
        .AddMetrics()
        .AddSingleton<TimeProvider>(_time)
        .BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Sends_the_result_and_then_completes()
    {
        var outcome = await ProcessAsync(Message(JobTasks.WordCount, """{"text":"a b"}""", attempt: 2));

        Assert.Equal((JobOutcome.Completed, "send complete"), (outcome, Calls));
        var reply = Assert.Single(_queue.Sent);
        Assert.Equal(
            ("job-1", "job-1", "wordcount", "application/json"), (reply.MessageId, reply.CorrelationId, reply.Subject, reply.ContentType));
        using var json = JsonDocument.Parse(reply.Body);
        Assert.Equal(
            """{"id":"job-1","task":"wordcount","words":2,"execution":"worker-abc1234","attempt":"""
                + """2,"finishedAt":"2026-01-02T03:04:05+00:00"}""",
            JsonSerializer.Serialize(new
            {
                id = json.RootElement.GetProperty("id"),
                task = json.RootElement.GetProperty("task"),
                words = json.RootElement.GetProperty("output").GetProperty("words"),
                execution = json.RootElement.GetProperty("execution"),
                attempt = json.RootElement.GetProperty("attempt"),
                finishedAt = json.RootElement.GetProperty("finishedAt").GetDateTimeOffset(),
            }).Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_was_put_back_keeps_its_id()
    {
        await ProcessAsync(Message(JobTasks.WordCount, """{"text":"a"}""", properties: new() { [JobProperties.JobId] = "original" }));

        Assert.Equal("original", Assert.Single(_queue.Sent).MessageId);
    }

    [Fact]
    public async Task Without_reply_to_completes_without_result()
    {
        var outcome = await ProcessAsync(Message(JobTasks.WordCount, """{"text":"a"}""", replyTo: null));

        Assert.Equal((JobOutcome.Completed, "complete"), (outcome, Calls));
    }

    [Fact]
    public async Task An_error_abandons_the_message_with_its_text()
    {
        var outcome = await ProcessAsync(Message(JobTasks.Fail, """{"message":"boom"}"""));

        Assert.Equal((JobOutcome.Retried, "abandon"), (outcome, Calls));
        Assert.Equal(
            new Dictionary<string, object>
            {
                [JobProperties.LastError] = "boom",
                [JobProperties.LastErrorType] = "System.InvalidOperationException",
                [JobProperties.LastExecution] = "worker-abc1234",
            },
            _queue.Properties);
    }

    [Theory]
    [InlineData("nonsense", "MalformedMessage")]
    [InlineData("null", "MalformedMessage")]
    [InlineData("[]", "MalformedMessage")]
    [InlineData("""{"input":{}}""", "MalformedMessage")]
    [InlineData("""{"task":"sort","input":{}}""", "UnknownTask")]
    [InlineData("""{"task":"wordcount","input":{"text":7}}""", "InvalidInput")]
    [InlineData("""{"task":"wordcount"}""", "InvalidInput")]
    [InlineData("""{"task":"fail","input":{"permanent":true,"message":"no use"}}""", "AskedToFail")]
    public async Task What_can_never_succeed_is_dead_lettered_now(string body, string reason)
    {
        var outcome = await ProcessAsync(FakeQueue.Message(body));

        Assert.Equal((JobOutcome.DeadLettered, "dead-letter", reason), (outcome, Calls, _queue.Reason));
        Assert.Equal(_queue.Description, _queue.Properties?[JobProperties.LastError]);
    }

    [Theory]
    [InlineData("""{"task":"sort","input":{}}""", "There is no handler for task 'sort'. This worker knows: wordcount, delay, fail.")]
    [InlineData("""{"task":"wordcount","input":{"text":7}}""", "input.text: must be text.")]
    [InlineData("""{"task":"fail","input":{"permanent":true,"message":"no use"}}""", "no use")]
    public async Task The_dead_letter_says_what_is_wrong(string body, string description)
    {
        await ProcessAsync(FakeQueue.Message(body));

        Assert.Equal(description, _queue.Description);
    }

    [Fact]
    public async Task A_long_error_is_shortened_to_what_the_broker_takes()
    {
        await ProcessAsync(
            FakeQueue.Message("""{"task":"TASK","input":{}}""".Replace("TASK", new string('x', 9_000), StringComparison.Ordinal)));

        Assert.Equal(4_000, _queue.Description?.Length);
    }

    [Theory]
    [InlineData(ServiceBusFailureReason.MessagingEntityNotFound, "ReplyToNotFound")]
    [InlineData(ServiceBusFailureReason.MessageSizeExceeded, "ResultTooLarge")]
    public async Task A_result_that_nobody_can_ever_get_is_dead_lettered(ServiceBusFailureReason failure, string reason)
    {
        _queue.Failures["send"] = new ServiceBusException("no", failure);

        var outcome = await ProcessAsync(Message(JobTasks.WordCount, """{"text":"a"}"""));

        Assert.Equal((JobOutcome.DeadLettered, "send dead-letter", reason), (outcome, Calls, _queue.Reason));
    }

    [Theory]
    [InlineData(null, " A queue that requires sessions takes results of messages that set ReplyToSessionId.")]
    [InlineData("asker-7", "")]
    public async Task A_result_that_the_queue_refuses_is_dead_lettered(string? replyToSessionId, string advice)
    {
        _queue.Failures["send"] = new InvalidOperationException("Not allowed.");

        var outcome = await ProcessAsync(Message(JobTasks.WordCount, """{"text":"a"}""", replyToSessionId: replyToSessionId));

        Assert.Equal((JobOutcome.DeadLettered, "ResultRefused"), (outcome, _queue.Reason));
        Assert.Equal($"The work was done, but 'results' refused its result: Not allowed.{advice}", _queue.Description);
        Assert.Equal(replyToSessionId, Assert.Single(_queue.Sent).SessionId);
    }

    [Fact]
    public async Task A_result_that_could_not_be_sent_is_tried_again()
    {
        _queue.Failures["send"] = new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem);

        var outcome = await ProcessAsync(Message(JobTasks.WordCount, """{"text":"a"}"""));

        Assert.Equal((JobOutcome.Retried, "send abandon"), (outcome, Calls));
    }

    [Theory]
    [InlineData("complete", """{"task":"wordcount","input":{"text":"a"}}""")]
    [InlineData("abandon", """{"task":"fail","input":{}}""")]
    [InlineData("dead-letter", "nonsense")]
    public async Task A_settlement_that_fails_is_not_the_end_of_the_worker(string settlement, string body)
    {
        _queue.Failures[settlement] = new ServiceBusException("lost", ServiceBusFailureReason.MessageLockLost);

        Assert.Equal(JobOutcome.LockLost, await ProcessAsync(FakeQueue.Message(body)));
    }

    [Fact]
    public async Task When_the_lock_is_lost_sends_no_result()
    {
        _queue.Failures["renew"] = new ServiceBusException("lost", ServiceBusFailureReason.MessageLockLost);
        var processing = ProcessAsync(Message(JobTasks.Delay, """{"seconds":3600}"""));

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(JobOutcome.LockLost, await Eventually.InTimeAsync("the handler is cancelled", processing));
        Assert.Equal("renew", Calls);
    }

    [Fact]
    public async Task What_takes_too_long_is_cancelled_and_tried_again()
    {
        _options.MaxLockRenewal = TimeSpan.FromSeconds(20);
        var processing = ProcessAsync(Message(JobTasks.Delay, """{"seconds":3600}"""));

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(JobOutcome.Retried, await Eventually.InTimeAsync("the handler is cancelled", processing));
        Assert.Equal("abandon", Calls);
        Assert.Equal(
            "The handler took longer than the 00:00:20 for which a message's lock is renewed.",
            _queue.Properties?[JobProperties.LastError]);
    }

    [Fact]
    public async Task When_the_execution_ends_gives_the_message_back_unblamed()
    {
        using var giveBack = new CancellationTokenSource();
        var processing = ProcessAsync(Message(JobTasks.Delay, """{"seconds":3600}"""), giveBack.Token);

        await giveBack.CancelAsync();

        Assert.Equal(JobOutcome.GivenBack, await Eventually.InTimeAsync("the handler is cancelled", processing));
        Assert.Equal("abandon", Calls);
        Assert.Null(_queue.Properties);
    }

    [Fact]
    public async Task Continues_the_trace_of_the_sender()
    {
        const string sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == JobTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        await ProcessAsync(Message(JobTasks.Fail, """{"message":"boom"}""", properties: new() { ["Diagnostic-Id"] = sender }));

        var span = Assert.Single(spans, span => span.ParentId == sender);
        Assert.Equal(("process jobs", ActivityKind.Consumer, ActivityStatusCode.Error), (span.DisplayName, span.Kind, span.Status));
        Assert.Equal(("job-1", "worker-abc1234", "Retried"), (
            span.GetTagItem("messaging.message.id"), span.GetTagItem("kedajobs.execution.name"), span.GetTagItem("kedajobs.outcome")));
    }

    private string Calls => string.Join(' ', _queue.Calls);

    private ServiceBusReceivedMessage Message<TInput, TOutput>(
        JobTask<TInput, TOutput> task,
        string input,
        string? replyTo = "results",
        int attempt = 1,
        Dictionary<string, object>? properties = null,
        string? replyToSessionId = null)
        where TInput : class
        where TOutput : class =>
        FakeQueue.Message(FakeQueue.Body(task, input), replyTo, attempt, _time.GetUtcNow() + TimeSpan.FromMinutes(1), properties,
            replyToSessionId: replyToSessionId);

    private async Task<JobOutcome> ProcessAsync(ServiceBusReceivedMessage message, CancellationToken giveBack = default)
    {
        var identity = new ExecutionIdentity("worker", "worker-abc1234", "worker-abc1234-0");
        await using var results = new ResultSender(_queue.Client, opened: null, identity, _time);
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, NullLogger.Instance);
        var job = new QueueJobBuilder(new ServiceCollection())
            .AddTask(JobTasks.WordCount, _ => new WordCountHandler())
            .AddTask(JobTasks.Delay, services => new DelayHandler(services.GetRequiredService<TimeProvider>()))
            .AddTask(JobTasks.Fail, _ => new FailHandler());
        var processor = new JobProcessor(
            job.Build(_services),
            results,
            retries,
            new JobTelemetry(_services.GetRequiredService<IMeterFactory>(), identity),
            identity,
            _options,
            _time,
            NullLogger.Instance);
        return await processor.ProcessAsync(_queue, message, giveBack);
    }
}
