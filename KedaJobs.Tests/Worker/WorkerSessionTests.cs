using System.Globalization;
using System.Runtime.Versioning;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Worker;

/// <summary>Whole executions on a queue that requires sessions.</summary>
public sealed class WorkerSessionTests
{
    private static readonly (string Name, string Value) RequiresSession = ("QueueJob__RequiresSession", "true");

    [Theory]
    [InlineData("true")]
    [InlineData(null)]
    public async Task Handles_each_session_in_order_whether_it_was_told_of_them_or_not(string? told)
    {
        await using var broker = await StartAsync();
        await broker.SendAsync([.. Jobs("a", 6), .. Jobs("b", 6), .. Jobs("c", 6)]);

        await using var worker = WorkerProcess.Start(broker, told is null ? ("QueueJob__Concurrency", "4") : RequiresSession);
        await worker.SucceedsAsync();

        var results = await broker.TakeResultsAsync(18);
        AssertInOrder(results.Select(result => result.Id), ("a", 6), ("b", 6), ("c", 6));
        Assert.All(results, result => Assert.Equal(1, result.Attempt));
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
        Assert.Contains("QueueDrained. Messages received: 18.", worker.Output, StringComparison.Ordinal);
        Assert.Contains("Retries on 'jobs' are not delayed: the queue requires sessions", worker.Output, StringComparison.Ordinal);
        Assert.Equal(told is null, worker.Output.Contains("'jobs' requires sessions: its messages", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Handles_as_many_sessions_at_the_same_time_as_it_may_and_one_message_of_each()
    {
        await using var broker = await StartAsync();
        await broker.SendAsync([.. Jobs("a", 2, "delay", """{"seconds":1.5}"""), .. Jobs("b", 2), .. Jobs("c", 2)]);

        await using var worker = WorkerProcess.Start(broker, RequiresSession, ("QueueJob__Concurrency", "2"));
        await worker.SucceedsAsync();

        var done = (await broker.TakeResultsAsync(6)).Select(result => result.Id).ToList();
        AssertInOrder(done, ("a", 2), ("b", 2), ("c", 2));
        Assert.True(done.IndexOf("a-0") > done.IndexOf("c-1"), string.Join(' ', done));
    }

    [Fact]
    public async Task Two_executions_share_many_sessions()
    {
        await using var broker = await StartAsync();
        var sessions = Enumerable.Range(0, 40).Select(number => (Name: $"s{number}", Count: 5)).ToArray();
        await broker.SendAsync([.. sessions.SelectMany(session => Jobs(session.Name, session.Count))]);

        await using var one = WorkerProcess.Start(broker, RequiresSession, ("QueueJob__Concurrency", "8"));
        await using var other = WorkerProcess.Start(
            broker, ("QueueJob__SessionIdleTime", "00:00:00.05"), ("QueueJob__PrefetchCount", "20"));
        await one.SucceedsAsync();
        await other.SucceedsAsync();

        AssertInOrder((await broker.TakeResultsAsync(200)).Select(result => result.Id), sessions);
        Assert.Contains("PrefetchCount has no effect on 'jobs'", other.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_fails_is_tried_again_before_those_behind_it()
    {
        await using var broker = await StartAsync();
        await broker.SendAsync(
            Job("a", 0),
            Job("a", 1, "fail", """{"times":1}"""),
            Job("a", 2, "fail", "{}"),
            Job("a", 3, "nonsense", "{}"),
            Job("a", 4));

        await using var worker = WorkerProcess.Start(broker, RequiresSession);
        await worker.SucceedsAsync();

        var results = await broker.TakeResultsAsync(3);
        Assert.Equal([("a-0", 1), ("a-1", 2), ("a-4", 1)], results.Select(result => (result.Id, result.Attempt)));
        Assert.Equal(
            [("a-2", "MaxDeliveryCountExceeded"), ("a-3", "UnknownTask")],
            (await broker.PeekAsync(SubQueue.DeadLetter)).Select(letter => (letter.MessageId, letter.DeadLetterReason)));
        Assert.Equal(0, (await broker.CountsAsync()).ActiveMessageCount);
    }

    [Fact]
    public async Task A_message_budget_leaves_the_rest_of_the_session_untouched()
    {
        await using var broker = await StartAsync();
        await broker.SendAsync([.. Jobs("a", 3), .. Jobs("b", 3)]);

        await using var first = WorkerProcess.Start(broker, RequiresSession, ("QueueJob__MessageBudget", "4"));
        await first.SucceedsAsync();

        Assert.Contains("MessageBudgetSpent. Messages received: 4.", first.Output, StringComparison.Ordinal);
        Assert.Equal([0, 0], (await broker.PeekAsync()).Select(message => message.DeliveryCount));
        await using var second = WorkerProcess.Start(broker, RequiresSession);
        await second.SucceedsAsync();
        AssertInOrder((await broker.TakeResultsAsync(6)).Select(result => result.Id), ("a", 3), ("b", 3));
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Told_to_stop_finishes_the_message_in_hand_and_leaves_the_rest_to_the_next_execution()
    {
        await using var broker = await StartAsync();
        await broker.SendAsync([.. Jobs("a", 4, "delay", """{"seconds":1}""")]);
        await using var stopped = WorkerProcess.Start(broker, RequiresSession);
        await stopped.SeesAsync("Job a-0 (delay) begins");

        stopped.Terminate();
        await stopped.SucceedsAsync();

        Assert.Contains("Stopped. Messages received: 1.", stopped.Output, StringComparison.Ordinal);
        Assert.Equal([0, 0, 0], (await broker.PeekAsync()).Select(message => message.DeliveryCount));

        // The lock lasts a minute, and nobody is that patient: the session was given back.
        await using var next = WorkerProcess.Start(broker, RequiresSession);
        await next.SucceedsAsync();
        var results = await broker.TakeResultsAsync(4);
        Assert.Equal([("a-0", 1), ("a-1", 1), ("a-2", 1), ("a-3", 1)], results.Select(result => (result.Id, result.Attempt)));
    }

    [UnixTheory, UnsupportedOSPlatform("windows")]
    [InlineData("delay", """{"seconds":600}""", "00:00:01")]
    [InlineData("primes", """{"upTo":2000000000}""", "00:00:00")]
    public async Task Told_to_stop_gives_back_what_takes_too_long_without_a_delivery_counted(string task, string input, string grace)
    {
        await using var broker = await StartAsync();
        await broker.SendAsync(Job("a", 0, task, input), Job("a", 1));
        await using var worker = WorkerProcess.Start(broker, RequiresSession, ("QueueJob__ShutdownGrace", grace));
        await worker.SeesAsync("Job a-0");

        worker.Terminate();
        await worker.SucceedsAsync();

        await using var session = await broker.Client.AcceptSessionAsync("jobs", "a");
        var message = await session.ReceiveMessageAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(("a-0", 1), (message?.MessageId, message?.DeliveryCount));
        Assert.Contains("GraceOver", worker.Output, StringComparison.Ordinal);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task A_lost_session_is_left_to_who_has_it_now()
    {
        await using var broker = await StartAsync(TimeSpan.FromSeconds(2));
        await broker.SendAsync([Job("a", 0, "delay", """{"seconds":600}"""), .. Jobs("b", 2)]);
        await using var worker = WorkerProcess.Start(broker, RequiresSession);
        await worker.SeesAsync("Job b-1 (wordcount) completed");
        await worker.SeesAsync("The lock of session 'a' is renewed");

        // It stands still until its lock has expired and somebody else has the session.
        worker.Signal("STOP");
        await using (var session = await AcceptAsync(broker, "a"))
        {
            var message = await session.ReceiveMessageAsync(TimeSpan.FromSeconds(10));
            Assert.Equal(("a-0", 2), (message?.MessageId, message?.DeliveryCount));
            await session.CompleteMessageAsync(message);
        }

        worker.Signal("CONT");
        await worker.SucceedsAsync();
        Assert.Contains("The lock of message a-0 is lost", worker.Output, StringComparison.Ordinal);
        Assert.Equal(["b-0", "b-1"], (await broker.TakeResultsAsync(2)).Select(result => result.Id));
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
    }

    [Fact]
    public async Task A_result_goes_to_the_session_that_the_message_names()
    {
        await using var broker = await StartAsync();
        var management = new ServiceBusAdministrationClient(NamespaceOf(broker));
        await management.CreateQueueAsync(new CreateQueueOptions("answers") { RequiresSession = true });
        var named = Job("a", 0);
        (named.ReplyTo, named.ReplyToSessionId) = ("answers", "asker-7");
        var unnamed = Job("a", 1);
        unnamed.ReplyTo = "answers";
        await broker.SendAsync(named, unnamed);

        await using var worker = WorkerProcess.Start(broker, RequiresSession);
        await worker.SucceedsAsync();

        await using var answers = await broker.Client.AcceptSessionAsync("answers", "asker-7");
        Assert.Equal("a-0", (await answers.ReceiveMessageAsync(TimeSpan.FromSeconds(10)))?.MessageId);
        var letter = Assert.Single(await broker.PeekAsync(SubQueue.DeadLetter));
        Assert.Equal(("a-1", "ResultRefused"), (letter.MessageId, letter.DeadLetterReason));
        Assert.EndsWith("of messages that set ReplyToSessionId.", letter.DeadLetterErrorDescription, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_subscription_can_require_sessions_too(string told)
    {
        await using var broker = await StartAsync();
        var management = new ServiceBusAdministrationClient(NamespaceOf(broker));
        await management.CreateTopicAsync("news");
        await management.CreateSubscriptionAsync(new CreateSubscriptionOptions("news", "all") { RequiresSession = true });
        await using (var sender = broker.Client.CreateSender("news"))
        {
            await sender.SendMessagesAsync([.. Jobs("a", 3), .. Jobs("b", 3)]);
        }

        await using var worker = WorkerProcess.Start(
            broker,
            ("ConnectionStrings__jobs", $"{NamespaceOf(broker)};EntityPath=news/Subscriptions/all"),
            ("QueueJob__RequiresSession", told));
        await worker.SucceedsAsync();

        AssertInOrder((await broker.TakeResultsAsync(6)).Select(result => result.Id), ("a", 3), ("b", 3));
    }

    [Fact]
    public async Task No_session_ends_it_soon()
    {
        await using var broker = await StartAsync();

        await using var worker = WorkerProcess.Start(broker);
        await worker.SucceedsAsync();

        Assert.Contains("QueueDrained. Messages received: 0.", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_broker_fails()
    {
        var broker = await StartAsync();
        await broker.DisposeAsync();

        await using var worker = WorkerProcess.Start(broker, RequiresSession, ("QueueJob__ClientRetries", "0"));

        Assert.Equal(1, await worker.ExitAsync());
        Assert.Contains("failed after receiving 0 messages", worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_broker_goes_away_fails()
    {
        var broker = await StartAsync();
        await using var worker = WorkerProcess.Start(
            broker, RequiresSession, ("QueueJob__ClientRetries", "0"), ("QueueJob__IdleTime", "00:05:00"));
        await worker.SeesAsync("receives from");

        await broker.DisposeAsync();

        Assert.Equal(1, await worker.ExitAsync());
    }

    [Fact]
    public async Task Told_of_sessions_that_the_queue_does_not_have_fails_and_says_what_to_change()
    {
        await using var broker = await JobsBroker.StartAsync();
        await using var worker = WorkerProcess.Start(broker, RequiresSession);

        Assert.Equal(1, await worker.ExitAsync());
        Assert.Contains(
            "QueueJob:RequiresSession is true, but 'jobs' cannot be received from by session. If it has no sessions, leave the option out.",
            worker.Output,
            StringComparison.Ordinal);
    }

    private static Task<JobsBroker> StartAsync(TimeSpan? lockDuration = null) =>
        JobsBroker.StartAsync(jobs => jobs with { RequiresSession = true, LockDuration = lockDuration ?? TimeSpan.FromMinutes(1) });

    private static string NamespaceOf(JobsBroker broker) => broker.JobsConnection.Replace(";EntityPath=jobs", "", StringComparison.Ordinal);

    private static ServiceBusMessage Job(string session, int number, string task = "wordcount", string input = """{"text":"one two"}""")
    {
        var job = JobsBroker.Job($"{session}-{number}", task, input);
        job.SessionId = session;
        return job;
    }

    private static IEnumerable<ServiceBusMessage> Jobs(
        string session, int count, string task = "wordcount", string input = """{"text":"one two"}""") =>
        Enumerable.Range(0, count).Select(number => Job(session, number, task, input));

    private static void AssertInOrder(IEnumerable<string> ids, params (string Session, int Count)[] sessions)
    {
        var found = ids.Select(id => id.Split('-')).ToLookup(id => id[0], id => int.Parse(id[1], CultureInfo.InvariantCulture));
        Assert.Equal(sessions.Select(session => session.Session).Order(), found.Select(group => group.Key).Order());
        foreach (var (session, count) in sessions)
        {
            Assert.Equal(Enumerable.Range(0, count), found[session]);
        }
    }

    private static async Task<ServiceBusSessionReceiver> AcceptAsync(JobsBroker broker, string session)
    {
        ServiceBusSessionReceiver? receiver = null;
        await Eventually.SucceedsAsync(
            "the session is free", async () => receiver = await broker.Client.AcceptSessionAsync("jobs", session));
        return receiver!;
    }
}
