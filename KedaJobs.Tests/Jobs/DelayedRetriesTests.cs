using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs;
using KedaJobs.Jobs.Receiving;
using KedaJobs.Jobs.Settling;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Jobs;

public class DelayedRetriesTests
{
    private static readonly Dictionary<string, object> Trail = new() { [JobProperties.LastError] = "boom" };
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly FakeQueue _queue = new();
    private readonly FakeLogger _logger = new();
    private readonly QueueJobOptions _options = new() { DuplicateDetection = false };

    [Fact]
    public async Task Schedules_a_copy_and_completes_the_original_in_one_transaction()
    {
        Assert.True(await DelayAsync(Message()));

        Assert.Equal("send complete", string.Join(' ', _queue.Transacted));
        var copy = Assert.Single(_queue.Sent);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(8), copy.ScheduledEnqueueTime);
        Assert.Equal(("job-1", "the body", "results", "wordcount"), (copy.MessageId, copy.Body.ToString(), copy.ReplyTo, copy.Subject));
    }

    [Fact]
    public async Task The_copy_tells_of_its_attempts_and_keeps_its_trace()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await DelayAsync(Message(new() { ["Diagnostic-Id"] = trace, ["traceparent"] = trace, ["own"] = 7 }));

        Assert.Equal(
            new Dictionary<string, object>
            {
                ["own"] = 7,
                ["Diagnostic-Id"] = trace,
                ["traceparent"] = trace,
                [JobProperties.LastError] = "boom",
                [JobProperties.Attempts] = 3,
                [JobProperties.FirstEnqueuedTime] = _time.GetUtcNow() - TimeSpan.FromMinutes(1),
            },
            Assert.Single(_queue.Sent).ApplicationProperties);
    }

    [Fact]
    public async Task The_next_attempt_reads_what_the_copy_tells()
    {
        await DelayAsync(Message());
        var properties = Assert.Single(_queue.Sent).ApplicationProperties.ToDictionary();

        var job = JobMessages.ContextOf(ServiceBusModelFactory.ServiceBusReceivedMessage(
            messageId: "job-1", deliveryCount: 2, enqueuedTime: _time.GetUtcNow(), properties: properties));

        // Three failed before the copy, and this is the copy's second delivery: the first one ended without a word.
        Assert.Equal(("job-1", 5, _time.GetUtcNow() - TimeSpan.FromMinutes(1)), (job.Id, job.Attempt, job.FirstEnqueuedTime));
    }

    [Theory]
    [InlineData("job-1", "job-1~4")]
    [InlineData(
        "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567x",
        "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456~4")]
    public async Task WhereTheQueueMayRememberMessageIds_TheCopyHasANewOne(string id, string expected)
    {
        _options.DuplicateDetection = null;
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, _logger);

        var copy = retries.Copy(Message(), new JobContext(id, 3), Trail, _time.GetUtcNow());

        Assert.Equal((expected, id), (copy.MessageId, copy.ApplicationProperties[JobProperties.JobId]));
        Assert.True(copy.MessageId.Length <= 128);
    }

    [Theory]
    [InlineData(3_600, 3_592)] // it has run since the message was first enqueued, and runs on when the copy is due
    [InlineData(5, 1)] // over before the copy is due: it expires then, as it should
    public async Task The_time_to_live_runs_on(int left, int expected)
    {
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, _logger);
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(
            messageId: "job-1", timeToLive: TimeSpan.FromSeconds(left + 60), enqueuedTime: _time.GetUtcNow() - TimeSpan.FromSeconds(60));

        var copy = retries.Copy(message, new JobContext("job-1", 1), Trail, _time.GetUtcNow() + TimeSpan.FromSeconds(8));

        Assert.Equal(TimeSpan.FromSeconds(expected), copy.TimeToLive);
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_this_messages_only()
    {
        _queue.Failures["send"] = new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem);
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, _logger);

        Assert.False(await DelayAsync(Message(), retries));

        Assert.True(retries.CanDelay(Message()));
    }

    public static TheoryData<Exception> Refusals => new()
    {
        new ServiceBusException("no transactions", ServiceBusFailureReason.GeneralError),
        new UnauthorizedAccessException("Send is required"),
        new NotSupportedException(),
        new InvalidOperationException(),
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_for_all_and_is_said_once(Exception refusal)
    {
        _queue.Failures["complete"] = refusal;
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, _logger);

        Assert.False(await DelayAsync(Message(), retries));

        Assert.False(retries.CanDelay(Message()));
        Assert.StartsWith(
            "'jobs' refused the transaction", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_order_of_a_session_is_kept()
    {
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, _logger);

        Assert.False(retries.CanDelay(ServiceBusModelFactory.ServiceBusReceivedMessage(messageId: "job-1", sessionId: "s")));
    }

    [Fact]
    public async Task The_order_of_a_queue_that_requires_sessions_is_kept_and_the_reason_is_known_from_the_start()
    {
        _options.RequiresSession = true;
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, _logger);

        Assert.Equal((DelayedRetries.OrderOfSessions, false), (retries.WhyNot, retries.CanDelay(Message())));
    }

    [Theory]
    [InlineData(false, null, null, "DelayRetries is false")]
    [InlineData(true, true, null, "the queue has duplicate detection, which would drop the copy that waits")]
    [InlineData(
        true, false, "sub",
        "a subscription cannot take a message back with a delay: a copy sent to the topic would reach its other subscriptions")]
    [InlineData(true, null, null, null)]
    public async Task Says_at_the_start_where_it_cannot_delay(bool delay, bool? duplicateDetection, string? subscription, string? reason)
    {
        (_options.DelayRetries, _options.DuplicateDetection) = (delay, duplicateDetection);
        await using var retries = new DelayedRetries(new JobQueue(_queue.Client, "jobs", subscription), _options, _time, _logger);

        Assert.Equal((reason, reason is null), (retries.WhyNot, retries.CanDelay(Message())));
    }

    private ServiceBusReceivedMessage Message(Dictionary<string, object>? properties = null) =>
        ServiceBusModelFactory.ServiceBusReceivedMessage(
            BinaryData.FromString("the body"),
            messageId: "job-1",
            subject: "wordcount",
            replyTo: "results",
            deliveryCount: 3,
            enqueuedTime: _time.GetUtcNow() - TimeSpan.FromMinutes(1),
            properties: properties,
            lockTokenGuid: Guid.NewGuid());

    private async Task<bool> DelayAsync(ServiceBusReceivedMessage message)
    {
        await using var retries = new DelayedRetries(_queue.Jobs, _options, _time, _logger);
        return await DelayAsync(message, retries);
    }

    private Task<bool> DelayAsync(ServiceBusReceivedMessage message, DelayedRetries retries) =>
        retries.TryDelayAsync(_queue, message, JobMessages.ContextOf(message), Trail, TimeSpan.FromSeconds(8));
}
