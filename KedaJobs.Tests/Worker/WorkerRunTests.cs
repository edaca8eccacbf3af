using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;
using JobProperties = KedaJobs.Jobs.JobProperties;

namespace KedaJobs.Tests.Worker;

/// <summary>Whole executions, from process start to exit code.</summary>
public sealed class WorkerRunTests
{
    [Fact]
    public async Task Drains_the_queue_and_exits()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(
            JobsBroker.Job("a", "wordcount", """{"text":"one two"}"""),
            JobsBroker.Job("b", "primes", """{"upTo":100}"""),
            JobsBroker.Job("c", "delay", """{"seconds":0.1}"""),
            JobsBroker.Job("d", "fail", """{"times":1}"""));

        await using var worker = WorkerProcess.Start(broker, WorkerProcess.PatientForRetries);
        await worker.SucceedsAsync();

        var results = await broker.TakeResultsAsync(4);
        Assert.Equal(
            [("a", "wordcount", 1), ("b", "primes", 1), ("c", "delay", 1), ("d", "fail", 2)],
            results.Select(result => (result.Id, result.Task, result.Attempt)).Order());
        Assert.All(results, result => Assert.Equal("worker-abc1234", result.Execution));
        Assert.Equal(25, results.Single(result => result.Id == "b").Output.GetProperty("count").GetInt32());
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
        Assert.Contains("QueueDrained. Messages received: 5.", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_queue_ends_it_soon()
    {
        await using var broker = await JobsBroker.StartAsync();

        await using var worker = WorkerProcess.Start(broker);
        await worker.SucceedsAsync();

        Assert.Contains("QueueDrained. Messages received: 0.", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_jobs_give_a_thousand_results_once()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(
            [.. Enumerable.Range(0, 1_000).Select(number => JobsBroker.Job($"{number}", "wordcount", """{"text":"one two"}"""))]);

        await using var one = WorkerProcess.Start(broker, ("QueueJob__Concurrency", "8"));
        await using var other = WorkerProcess.Start(broker, ("QueueJob__PrefetchCount", "50"));
        await one.SucceedsAsync();
        await other.SucceedsAsync();

        Assert.Equal(
            Enumerable.Range(0, 1_000), (await broker.TakeResultsAsync(1_000)).Select(result => int.Parse(result.Id)).Order());
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task Redelivered_work_shows_one_result()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(
            JobsBroker.Job("same", "wordcount", """{"text":"a"}"""), JobsBroker.Job("same", "wordcount", """{"text":"a"}"""));

        await using var worker = WorkerProcess.Start(broker);
        await worker.SucceedsAsync();

        Assert.Single(await broker.TakeResultsAsync(1));
        Assert.Contains("Messages received: 2.", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_job_is_dead_lettered_after_its_last_delivery_with_the_errors_text()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(JobsBroker.Job("a", "fail", """{"message":"out of ink"}"""));

        await using var worker = WorkerProcess.Start(broker, WorkerProcess.PatientForRetries);
        await worker.SucceedsAsync();

        var letter = Assert.Single(await broker.PeekAsync(SubQueue.DeadLetter));
        Assert.Equal(
            ("a", "MaxDeliveryCountExceeded", "out of ink", "System.InvalidOperationException", "worker-abc1234"),
            (letter.MessageId, letter.DeadLetterReason, Property(letter, JobProperties.LastError), Property(
                letter, JobProperties.LastErrorType),
                Property(letter, JobProperties.LastExecution)));
        Assert.Contains("Messages received: 3.", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_job_waits_as_a_scheduled_message_without_a_lock()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(JobsBroker.Job("a", "fail", """{"message":"out of ink"}"""));

        await using var worker = WorkerProcess.Start(broker, ("QueueJob__RetryDelay", "00:01:00"));
        await worker.SucceedsAsync();

        // Nothing of it is active: it starts no execution while it waits.
        var counts = await broker.CountsAsync();
        Assert.Equal((0, 1, 0), (counts.ActiveMessageCount, counts.ScheduledMessageCount, counts.DeadLetterMessageCount));
        var copy = Assert.Single(await broker.PeekAsync());
        Assert.Equal(
            ("a", ServiceBusMessageState.Scheduled, "results", 1, "out of ink"),
            (copy.MessageId, copy.State, copy.ReplyTo, Property(copy, JobProperties.Attempts), Property(copy, JobProperties.LastError)));
        Assert.IsType<DateTimeOffset>(Property(copy, JobProperties.FirstEnqueuedTime), exactMatch: false);
        Assert.Contains("The next attempt is due in 00:01:00", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_queue_that_may_have_duplicate_detection_nothing_is_lost()
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { RequiresDuplicateDetection = true });
        await broker.SendAsync(JobsBroker.Job("a", "fail", """{"times":2}"""));

        // Nobody told it, so it must not rely on the MessageId.
        await using var worker = WorkerProcess.Start(broker, WorkerProcess.PatientForRetries, ("QueueJob__DuplicateDetection", ""));
        await worker.SucceedsAsync();

        var result = Assert.Single(await broker.TakeResultsAsync(1));
        Assert.Equal(("a", 3), (result.Id, result.Attempt));
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task On_a_queue_with_duplicate_detection_abandons_and_says_so()
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { RequiresDuplicateDetection = true });
        await broker.SendAsync(JobsBroker.Job("a", "fail", """{"times":2}"""));

        await using var worker = WorkerProcess.Start(
            broker, ("QueueJob__DuplicateDetection", "true"), ("QueueJob__RetryDelay", "00:01:00"));
        await worker.SucceedsAsync();

        Assert.Equal(3, Assert.Single(await broker.TakeResultsAsync(1)).Attempt);
        Assert.Contains("Retries on 'jobs' are not delayed: the queue has duplicate detection", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_delays_off_the_broker_counts()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(JobsBroker.Job("a", "fail", "{}"));

        await using var worker = WorkerProcess.Start(
            broker, ("QueueJob__DelayRetries", "false"), ("QueueJob__MaxAttempts", ""), ("QueueJob__RetryDelay", "00:01:00"));
        await worker.SucceedsAsync();

        var letter = Assert.Single(await broker.PeekAsync(SubQueue.DeadLetter));
        Assert.Equal((3, "MaxDeliveryCountExceeded"), (letter.DeliveryCount, letter.DeadLetterReason));
    }

    [Fact]
    public async Task What_can_never_succeed_is_dead_lettered_at_once()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(
            new ServiceBusMessage("nonsense") { MessageId = "a" },
            JobsBroker.Job("b", "sort", "{}"),
            JobsBroker.Job("c", "fail", """{"permanent":true}"""),
            new ServiceBusMessage(JobsBroker.Job("d", "fail", """{"times":1}""").Body) { MessageId = "d", ReplyTo = "nowhere" });

        await using var worker = WorkerProcess.Start(broker, WorkerProcess.PatientForRetries);
        await worker.SucceedsAsync();

        Assert.Equal(
            [("a", "MalformedMessage"), ("b", "UnknownTask"), ("c", "AskedToFail"), ("d", "ReplyToNotFound")],
            (await broker.PeekAsync(SubQueue.DeadLetter)).Select(letter => (letter.MessageId, letter.DeadLetterReason)).Order());
    }

    [Fact]
    public async Task Locks_are_renewed_while_the_work_lasts()
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { LockDuration = TimeSpan.FromSeconds(5) });
        await broker.SendAsync(JobsBroker.Job("a", "delay", """{"seconds":7}"""));

        await using var worker = WorkerProcess.Start(broker);
        await worker.SucceedsAsync();

        Assert.Equal(1, Assert.Single(await broker.TakeResultsAsync(1)).Attempt);
        Assert.Contains("is renewed until", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_message_budget_leaves_the_rest_untouched()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync([.. Enumerable.Range(0, 10).Select(number => JobsBroker.Job($"{number}", "wordcount", """{"text":"a"}"""))]);

        await using var worker = WorkerProcess.Start(broker, ("QueueJob__MessageBudget", "7"), ("QueueJob__Concurrency", "3"));
        await worker.SucceedsAsync();

        Assert.Equal(7, (await broker.TakeResultsAsync(7)).Count);
        Assert.Equal(3, (await broker.CountsAsync()).ActiveMessageCount);
        Assert.Contains("MessageBudgetSpent", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_time_budget_finishes_what_it_has_and_exits()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync(JobsBroker.Job("a", "delay", """{"seconds":2}"""), JobsBroker.Job("b", "delay", """{"seconds":2}"""));

        await using var worker = WorkerProcess.Start(broker, ("QueueJob__TimeBudget", "00:00:01"), ("QueueJob__Concurrency", "1"));
        await worker.SucceedsAsync();

        Assert.Equal("a", Assert.Single(await broker.TakeResultsAsync(1)).Id);
        Assert.Equal(1, (await broker.CountsAsync()).ActiveMessageCount);
        Assert.Contains("TimeBudgetSpent", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_fetched_ahead_goes_back_at_once_and_uncounted()
    {
        await using var broker = await JobsBroker.StartAsync();
        await broker.SendAsync([.. Enumerable.Range(0, 20).Select(number => JobsBroker.Job($"{number}", "wordcount", """{"text":"a"}"""))]);

        await using var worker = WorkerProcess.Start(
            broker, ("QueueJob__PrefetchCount", "10"), ("QueueJob__Concurrency", "1"), ("QueueJob__MessageBudget", "2"));
        await worker.SucceedsAsync();

        // With locks of a minute, only messages that were released come within the wait.
        await using var receiver = broker.Client.CreateReceiver("jobs");
        var rest = new List<ServiceBusReceivedMessage>();
        await Eventually.SucceedsAsync("the rest is there", async () =>
        {
            rest.AddRange(await receiver.ReceiveMessagesAsync(20, TimeSpan.FromSeconds(1)));
            Assert.Equal(18, rest.Count);
        });
        Assert.All(rest, message => Assert.Equal(1, message.DeliveryCount));
    }

    private static object? Property(ServiceBusReceivedMessage message, string name) =>
        message.ApplicationProperties.GetValueOrDefault(name);
}
