using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics;

public sealed class TopicCatalogTests
{
    private static readonly SubscriptionOptions A = new() { Name = "a" };

    [Fact]
    public void A_name_is_a_queues_or_a_topics()
    {
        using var topic = new TopicFixture();
        Assert.Equal(CatalogOutcome.Exists, topic.Catalog.Create(new QueueOptions { Name = "NEWS" }, out _, out _));
        topic.CreateQueue(new QueueOptions { Name = "jobs" });
        Assert.Equal(CatalogOutcome.Exists, topic.Catalog.Create(new TopicOptions { Name = "Jobs" }, out _, out _));
        Assert.Equal(CatalogOutcome.NotFound, topic.Catalog.Delete("news"));
        Assert.Equal(CatalogOutcome.NotFound, topic.Catalog.DeleteTopic("jobs"));
        Assert.Equal(["jobs"], topic.Catalog.Queues.Select(queue => queue.Name));
        Assert.Equal(["news"], topic.Catalog.Topics.Select(one => one.Name));
    }

    [Fact]
    public void A_deleted_topic_takes_its_subscriptions_along()
    {
        using var topic = new TopicFixture(subscriptions: A);
        var receiver = topic.Receive("a");
        var queue = topic.Queue("a");
        Assert.Equal(CatalogOutcome.Done, topic.Catalog.DeleteTopic("NEWS"));
        Assert.Equal(DetachReason.QueueDeleted, receiver.Detached);
        Assert.True(queue.IsDeleted);
        Assert.Null(topic.Catalog.Find("news/subscriptions/a"));
        Assert.Equal(SendOutcome.QueueDeleted, topic.Send("x"));
        Assert.Equal(CatalogOutcome.Done, topic.Catalog.Create(new TopicOptions { Name = "news" }, out var again, out _));
        Assert.Empty(again!.Subscriptions);
    }

    [Fact]
    public void A_deleted_subscription_gets_nothing_more()
    {
        using var topic = new TopicFixture(subscriptions: [A, A with { Name = "b" }]);
        var queue = topic.Queue("a");
        Assert.Equal(CatalogOutcome.Done, topic.Catalog.DeleteSubscription("news", "A"));
        topic.Send("x");
        Assert.Equal(0, queue.Count(topic.Now).Total);
        Assert.Equal(["x"], topic.Bodies("b"));
        Assert.Equal(CatalogOutcome.NotFound, topic.Catalog.DeleteSubscription("news", "a"));
    }

    [Fact]
    public void Rules_change_what_comes_from_then_on()
    {
        using var topic = new TopicFixture(subscriptions: A);
        var subscription = topic.Topic.Find("a")!;
        topic.Send("1");
        Assert.Equal(CatalogOutcome.Done, topic.Catalog.DeleteRule(subscription, "$DEFAULT"));
        topic.Send("2");
        Assert.Equal(
            CatalogOutcome.Done, topic.Catalog.Define(subscription, Rule("colors", "color = 'red'"), replace: false, out _, out _));
        topic.Send(Colored("3", "red"), Colored("4", "blue"));
        Assert.Equal(CatalogOutcome.Exists, topic.Catalog.Define(subscription, Rule("Colors", "1=1"), replace: false, out _, out _));
        Assert.Equal(
            CatalogOutcome.Done, topic.Catalog.Define(subscription, Rule("Colors", "color = 'blue'"), replace: true, out var rule, out _));
        topic.Send(Colored("5", "red"), Colored("6", "blue"));
        Assert.Equal(["1", "3", "6"], topic.Bodies("a"));
        Assert.Equal("colors", rule!.Name);
        Assert.Equal(CatalogOutcome.NotFound, topic.Catalog.Define(subscription, Rule("none", "1=1"), replace: true, out _, out _));
        Assert.Equal(CatalogOutcome.NotFound, topic.Catalog.DeleteRule(subscription, "none"));
    }

    [Fact]
    public void A_rule_that_does_not_parse_is_refused_with_its_position()
    {
        using var topic = new TopicFixture(subscriptions: A);
        Assert.Equal(
            CatalogOutcome.Invalid,
            topic.Catalog.Define(topic.Topic.Find("a")!, Rule("bad", "color = "), replace: false, out _, out var problems));
        Assert.Equal("Filter: 'color = ' is not valid at position 9: a value was expected, not the end.", Assert.Single(problems));
        Assert.Single(topic.Topic.Find("a")!.Rules.Rules);
    }

    [Fact]
    public void What_cannot_change_is_refused()
    {
        using var topic = new TopicFixture(subscriptions: A);
        Assert.Equal(
            CatalogOutcome.Invalid, topic.Catalog.Update(topic.Topic.Options with { RequiresDuplicateDetection = true }, out _, out _));
        Assert.Equal(CatalogOutcome.Invalid, topic.Catalog.Update("news", A with { RequiresSession = true }, out _, out _));
        Assert.Equal(CatalogOutcome.NotFound, topic.Catalog.Update("news", A with { Name = "b" }, out _, out _));
        Assert.Equal(CatalogOutcome.NotFound, topic.Catalog.Create("nothing", A, out _, out _));
        Assert.Equal(CatalogOutcome.Exists, topic.Catalog.Create("news", A with { Name = "A" }, out _, out _));
    }

    [Fact]
    public void An_idle_subscription_is_deleted_and_a_used_one_keeps_its_topic()
    {
        var idle = TimeSpan.FromMinutes(5);
        using var topic = new TopicFixture(
            options => options with { AutoDeleteOnIdle = TimeSpan.FromMinutes(10) },
            subscriptions: [A with { AutoDeleteOnIdle = idle }, A with { Name = "b" }]);
        topic.Time.Advance(idle);
        Assert.Null(topic.Topic.Find("a"));
        topic.Peek("b");
        topic.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.NotNull(topic.Catalog.FindTopic("news"));
        topic.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(topic.Catalog.FindTopic("news"));
    }

    [Fact]
    public void A_topic_with_a_scheduled_message_or_a_receiver_is_not_idle()
    {
        using var topic = new TopicFixture(options => options with { AutoDeleteOnIdle = TimeSpan.FromMinutes(5) }, subscriptions: A);
        topic.Send(new TestContent("later") { Due = topic.Now.AddMinutes(7) });
        topic.Time.Advance(TimeSpan.FromMinutes(6));
        var receiver = topic.Receive("a");
        topic.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(["later"], receiver.Bodies);
        Assert.NotNull(topic.Catalog.FindTopic("news"));
        topic.Queue("a").Main.Detach(receiver, topic.Now);
        topic.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(topic.Catalog.FindTopic("news"));
    }

    private static RuleOptions Rule(string name, string expression) => new() { Name = name, Filter = new SqlFilter(expression) };

    private static TestContent Colored(string body, string color) => new(body) { Properties = new() { ["color"] = color } };
}
