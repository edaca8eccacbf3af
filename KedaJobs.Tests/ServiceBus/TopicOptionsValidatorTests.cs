using KedaJobs.ServiceBus;

namespace KedaJobs.Tests.ServiceBus;

public sealed class TopicOptionsValidatorTests
{
    private static readonly SubscriptionOptions Good = new() { Name = "s" };

    public static TheoryData<TopicOptions, string> WrongTopics() => new()
    {
        { new TopicOptions { Name = "-a" }, "Name: '-a' is not a topic name." },
        { new TopicOptions { Name = "a/Subscriptions/b" }, "Name: 'a/Subscriptions/b'" },
        { new TopicOptions { Name = "a/subscriptions" }, "Name: 'a/subscriptions'" },
        { Topic() with { DefaultMessageTimeToLive = TimeSpan.FromMilliseconds(5) }, "DefaultMessageTimeToLive: " },
        { Topic() with { MaxSizeInMegabytes = 5 }, "MaxSizeInMegabytes: 5 is out of range" },
        { Topic() with { DuplicateDetectionHistoryTimeWindow = TimeSpan.FromDays(8) }, "DuplicateDetectionHistoryTimeWindow: " },
        { Topic() with { UserMetadata = new string('x', 1025) }, "UserMetadata: 1025 characters" },
        { Topic(Good, Good with { Name = "S" }), "Subscription 's' is declared 2 times." },
        { Topic(Good with { Name = "a/b" }), "Subscription 'a/b': Name: 'a/b' is not a subscription name." },
        { Topic(Good with { Name = new string('x', 51) }), "is not a subscription name" },
        { Topic(Good with { LockDuration = TimeSpan.FromMinutes(6) }), "Subscription 's': LockDuration: " },
        { Topic(Good with { MaxDeliveryCount = 0 }), "Subscription 's': MaxDeliveryCount: 0" },
        { Topic(Good with { ForwardTo = "news" }), "Subscription 's': ForwardTo: a subscription cannot forward to its own topic." },
        {
            Topic(Good with { ForwardDeadLetteredMessagesTo = "-" }),
            "ForwardDeadLetteredMessagesTo: '-' is not the name of a queue or topic."
        },
        { Topic(Good with { ForwardTo = "x", RequiresSession = true }), "ForwardTo: an entity that requires sessions cannot forward." },
        { Topic(Good with { Rules = [new RuleOptions { Name = "r" }, new RuleOptions { Name = "R" }] }), "Rule 'r' is declared 2 times." },
        { Topic(Good with { Rules = [new RuleOptions { Name = "a/b" }] }), "Rule 'a/b': Name: 'a/b' is not a rule name." },
        { Topic(Good with { Rules = [new RuleOptions { Filter = new SqlFilter("a") }] }), "Filter: 'a' is not valid at position 1" },
        { Topic(Good with { Rules = [new RuleOptions { Action = new SqlAction("SET") }] }), "Action: 'SET' is not valid at position 4" },
        {
            Topic(Good with { Rules = [new RuleOptions { Filter = new CorrelationFilter() }] }),
            "Filter: a correlation filter needs at least one property"
        },
        {
            Topic(Good with { Rules =
            [
                new RuleOptions { Filter = new CorrelationFilter { Properties = new Dictionary<string, object> { ["x"] = new object() } } }
            ] }),
            "Filter: the property 'x' cannot be compared with a value of type Object."
        },
    };

    [Theory]
    [MemberData(nameof(WrongTopics))]
    public void What_is_out_of_its_range_is_said(TopicOptions topic, string problem) =>
        Assert.Contains(problem, Assert.Single(TopicOptionsValidator.Validate(topic)), StringComparison.Ordinal);

    [Fact]
    public void What_is_allowed_is_not_refused() => Assert.Empty(TopicOptionsValidator.Validate(Topic(
        Good with
        {
            Name = "A.b-c_1",
            ForwardTo = "other/queue",
            Rules =
            [
                new RuleOptions(),
                new RuleOptions
                {
                    Name = "a rule with spaces",
                    Filter = new SqlFilter("a = @b") { Parameters = new Dictionary<string, object> { ["b"] = 1 } },
                },
                new RuleOptions
                {
                    Name = "c",
                    Filter = new CorrelationFilter { Properties = new Dictionary<string, object> { ["x"] = TimeSpan.Zero } },
                },
                new RuleOptions { Name = "d", Action = new SqlAction("SET a = 1") },
            ],
        })));

    [Fact]
    public async Task A_broker_with_a_wrong_topic_does_not_start()
    {
        var twice = await Assert.ThrowsAsync<ArgumentException>(() => ServiceBusBroker.StartAsync(new BrokerOptions
        {
            Queues = [new QueueOptions { Name = "news" }],
            Topics = [new TopicOptions { Name = "News" }],
        }));
        Assert.Contains("Queue or topic 'news' is declared 2 times.", twice.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<ArgumentException>(
            () => ServiceBusBroker.StartAsync(new BrokerOptions { Topics = [Topic(Good with { MaxDeliveryCount = 0 })] }));
        Assert.Contains("Topic 'news': Subscription 's': MaxDeliveryCount: 0", wrong.Message, StringComparison.Ordinal);
    }

    private static TopicOptions Topic(params SubscriptionOptions[] subscriptions) => new() { Name = "news", Subscriptions = subscriptions };
}
