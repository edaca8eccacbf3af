using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics;
using KedaJobs.Tests.ServiceBus.Entities;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Durability;

/// <summary>What a crash leaves of topics, subscriptions and rules.</summary>
public sealed class TopicRecoveryTests
{
    private static readonly SubscriptionOptions All = new() { Name = "all", MaxDeliveryCount = 3 };

    private static readonly RuleOptions Red = new()
    {
        Name = "red",
        Filter = new SqlFilter("color = @color AND size > @size")
        {
            Parameters = new Dictionary<string, object> { ["@color"] = "red", ["@size"] = 5 },
        },
        Action = new SqlAction("SET seen = @now")
        {
            Parameters = new Dictionary<string, object> { ["@now"] = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc) },
        },
    };

    private static readonly RuleOptions Urgent = new()
    {
        Name = "urgent",
        Filter = new CorrelationFilter
        {
            Subject = "urgent",
            Properties = new Dictionary<string, object>
            {
                ["text"] = "x",
                ["int"] = 1,
                ["long"] = long.MaxValue,
                ["double"] = 0.1,
                ["yes"] = true,
                ["for"] = TimeSpan.FromMilliseconds(1),
                ["id"] = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"),
            },
        },
    };

    private static readonly SubscriptionOptions Some = new()
    {
        Name = "some",
        Rules = [Red, Urgent, new RuleOptions { Name = "never", Filter = new FalseFilter() }],
    };

    private static readonly TopicOptions News = new() { Name = "news", UserMetadata = "declared", Subscriptions = [All, Some] };

    [Fact]
    public async Task Topics_subscriptions_and_rules_come_back_as_they_were()
    {
        await using var broker = Start();
        broker.Time.Advance(TimeSpan.FromMinutes(1));
        var made = new TopicOptions { Name = "made", MaxSizeInMegabytes = 2048, Subscriptions = [new() { Name = "s" }] };
        broker.Catalog.Create(made, out _, out _);
        broker.Catalog.Create("made", new SubscriptionOptions { Name = "gone" }, out _, out _);
        broker.Catalog.DeleteSubscription("made", "gone");
        broker.Catalog.Create(new TopicOptions { Name = "deleted", Subscriptions = [new() { Name = "s" }] }, out _, out _);
        broker.Catalog.DeleteTopic("deleted");
        broker.Catalog.Define(Of(broker, "news", "all"), new RuleOptions { Name = "later" }, replace: false, out _, out _);
        broker.Catalog.DeleteRule(Of(broker, "news", "all"), RuleOptions.DefaultName);
        broker.Catalog.Update("made", new SubscriptionOptions { Name = "s", MaxDeliveryCount = 9 }, out _, out _);

        await using var crashed = await broker.CrashAsync();

        Assert.Equal(["made", "news"], crashed.Catalog.Topics.Select(topic => topic.Name));
        Assert.Equal(["s"], crashed.Catalog.FindTopic("made")!.Subscriptions.Select(subscription => subscription.Name));
        Assert.Equal(
            (2048, 9), (crashed.Catalog.FindTopic("made")!.Options.MaxSizeInMegabytes, Of(crashed, "made", "s").Options.MaxDeliveryCount));
        Assert.Equal("declared", crashed.Catalog.FindTopic("news")!.Options.UserMetadata);
        foreach (var name in (string[])["all", "some"])
        {
            var (before, after) = (Of(broker, "news", name), Of(crashed, "news", name));
            Assert.Equal(before.Options.MaxDeliveryCount, after.Options.MaxDeliveryCount);
            Assert.Equal((before.Queue.CreatedAt, before.Queue.UpdatedAt), (after.Queue.CreatedAt, after.Queue.UpdatedAt));
            Assert.Equal(
                before.Rules.Rules.Select(rule => (rule.Name, rule.CreatedAt)),
                after.Rules.Rules.Select(rule => (rule.Name, rule.CreatedAt)));
            Assert.All(
                before.Rules.Rules.Zip(after.Rules.Rules),
                pair => Assert.True(SameDeclaration.Is(pair.Second.Options, pair.First.Options), pair.First.Name));
        }
    }

    [Fact]
    public async Task Copies_come_back_and_what_is_published_afterwards_goes_by_the_same_rules()
    {
        await using var broker = Start();
        var red = new TestContent("red") { Id = "1", Properties = { ["color"] = "red", ["size"] = 9 } };
        Assert.Equal(SendOutcome.Accepted, Publish(broker, new TestContent("plain") { Id = "0" }));
        Assert.Equal(SendOutcome.Accepted, Publish(broker, red));

        await using var crashed = await broker.CrashAsync();
        Publish(crashed, red);

        Assert.Equal(["plain", "red", "red"], Bodies(crashed, "all"));
        Assert.Equal(["red", "red"], Bodies(crashed, "some"));
        Assert.All(
            Of(crashed, "news", "some").Queue.Main.Messages,
            message => Assert.Equal("red", ((TestContent)message.Content).Properties["RuleName"]));
    }

    [Fact]
    public async Task A_scheduled_message_waits_in_the_topic_across_a_crash_and_is_published_once()
    {
        await using var broker = Start();
        Publish(broker, new TestContent("later") { Due = broker.Now.AddMinutes(1) });

        await using var crashed = await broker.CrashAsync();
        Assert.Equal(1, crashed.Catalog.FindTopic("news")!.Intake.Main.ScheduledCount);
        Assert.Empty(Bodies(crashed, "all"));
        crashed.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["later"], Bodies(crashed, "all"));

        await using var again = await crashed.CrashAsync();
        Assert.Equal(["later"], Bodies(again, "all"));
        Assert.Equal(0, again.Catalog.FindTopic("news")!.Intake.Main.TotalCount);
    }

    [Fact]
    public async Task Duplicates_are_known_to_the_topic_after_a_crash()
    {
        await using var broker = new DurableQueue(null, null, null, [], News with { RequiresDuplicateDetection = true });
        Publish(broker, new TestContent("first") { Id = "1" });

        await using var crashed = await broker.CrashAsync();
        Publish(crashed, new TestContent("duplicate") { Id = "1" });
        Assert.Equal(["first"], Bodies(crashed, "all"));
    }

    [Fact]
    public async Task A_crash_at_any_byte_of_a_topics_life_leaves_something_that_starts()
    {
        await using var broker = new DurableQueue(null, null, null, [new QueueOptions { Name = "jobs" }]);
        broker.Catalog.Create(News, out _, out _);
        Publish(broker, new TestContent("one"));
        Publish(broker, new TestContent("later") { Due = broker.Now.AddMinutes(1) });
        broker.Time.Advance(TimeSpan.FromMinutes(1));
        broker.Catalog.DeleteSubscription("news", "some");
        broker.Catalog.Create("news", Some, out _, out _);
        Publish(broker, new TestContent("two"));
        broker.Catalog.DeleteTopic("news");
        await broker.Log.Gate.WaitAsync();
        var lives = 0;
        for (var length = 0L; length <= broker.Length; length++)
        {
            await using var restarted = new DurableQueue(broker.Disk.Cut(length), null, broker.Time, [new QueueOptions { Name = "jobs" }]);
            lives += restarted.Catalog.Topics.Count;
            foreach (var queue in restarted.Catalog.Entities.Where(queue => queue.Subscription is not null))
            {
                Assert.Same(queue.Subscription, restarted.Catalog.FindTopic("news")!.Find(queue.Subscription!.Name));
            }
        }

        Assert.InRange(lives, 1000, broker.Length - 100);
    }

    [Fact]
    public async Task The_log_of_a_topic_whose_messages_come_and_go_stays_small()
    {
        var limits = new LogLimits { SegmentSize = 2048, Slack = 4096, FewSegments = 4, CleaningStep = 300 };
        await using var broker = new DurableQueue(null, limits, null, [], News);
        broker.Log.StartCleaning(broker.Catalog);
        for (var index = 0; index < 500; index++)
        {
            Publish(broker, new TestContent($"{index}") { Due = broker.Now.AddSeconds(1) });
            broker.Time.Advance(TimeSpan.FromSeconds(1));
            broker.Receive(mode: ReceiveMode.ReceiveAndDelete, from: Of(broker, "news", "all").Queue.Main);
        }

        // The cleaner, on its thread, may be about to set the timer of the last message when the clock
        // moves past it: then it comes a moment later.
        await Eventually.SucceedsAsync("everything was received", () =>
        {
            broker.Receive(credit: 10, mode: ReceiveMode.ReceiveAndDelete, from: Of(broker, "news", "all").Queue.Main);
            Assert.Equal(0, broker.Catalog.Entities.Sum(queue => queue.Main.TotalCount));
        });
        await Eventually.SucceedsAsync(
            "the log is cleaned", () => Assert.InRange(broker.Length, 1, limits.Slack + (2 * limits.SegmentSize) + 4096));
        await using var crashed = await broker.CrashAsync();
        Assert.Equal(3, Of(crashed, "news", "some").Rules.Rules.Count);
        Assert.Equal(0, crashed.Catalog.Entities.Sum(queue => queue.Main.TotalCount));
    }

    [Fact]
    public async Task Declared_topics_take_on_the_declared_values_and_rules_and_keep_their_messages()
    {
        await using var first = Start();
        Publish(first, new TestContent("kept"));
        first.Catalog.Create("news", new SubscriptionOptions { Name = "client" }, out _, out _);
        first.Catalog.Define(Of(first, "news", "all"), new RuleOptions { Name = "client" }, replace: false, out _, out _);
        await using var crashed = await first.CrashAsync();
        await crashed.DisposeAsync();

        var changed = News with
        {
            UserMetadata = "changed",
            Subscriptions =
            [
                All with { MaxDeliveryCount = 5, Rules = [Red with { Name = "$Default" }] },
                Some,
                new SubscriptionOptions { Name = "new", Rules = [Urgent] },
            ],
        };
        await using var second = new DurableQueue(crashed.Disk, null, crashed.Time, [], changed);

        var topic = second.Catalog.FindTopic("news")!;
        Assert.Equal("changed", topic.Options.UserMetadata);
        Assert.Equal(["all", "client", "new", "some"], topic.Subscriptions.Select(subscription => subscription.Name));
        Assert.Equal(5, Of(second, "news", "all").Options.MaxDeliveryCount);
        Assert.Equal(["$Default"], Of(second, "news", "all").Rules.Rules.Select(rule => rule.Name));
        Assert.IsType<SqlFilter>(Of(second, "news", "all").Rules.Rules[0].Options.Filter);
        Assert.Equal(["kept"], Bodies(second, "all"));

        // What is declared as it was is not touched.
        Assert.Equal(Of(first, "news", "some").Queue.UpdatedAt, Of(second, "news", "some").Queue.UpdatedAt);
    }

    [Fact]
    public async Task A_name_of_another_kind_of_entity_is_refused()
    {
        await using var broker = new DurableQueue(null, null, null, [new QueueOptions { Name = "jobs" }], News);

        Assert.Equal(
            [
                "Queue 'News' has the name of another kind of entity in the data directory.",
                "Topic 'jobs' has the name of another kind of entity in the data directory.",
            ],
            broker.Catalog.Declare([new QueueOptions { Name = "News" }], [new TopicOptions { Name = "jobs" }]));
        Assert.Equal(
            [
                "Subscription 'all' of topic 'news' is in the data directory with other values. RequiresSession: "
                + "cannot be changed after the queue was created. Delete the queue and create it again."
            ],
            broker.Catalog.Declare([], [News with { Subscriptions = [All with { RequiresSession = true }] }]));
    }

    private static DurableQueue Start() => new(null, null, null, [], News);

    private static SubscriptionEntity Of(DurableQueue broker, string topic, string name) => broker.Catalog.FindTopic(topic)!.Find(name)!;

    private static SendOutcome Publish(DurableQueue broker, TestContent content) =>
        broker.Catalog.FindTopic("news")!.Intake.Send(content, broker.Now);

    private static IEnumerable<string> Bodies(DurableQueue broker, string subscription) =>
        Of(broker, "news", subscription).Queue.Main.Messages.Select(message => ((TestContent)message.Content).Body);
}
