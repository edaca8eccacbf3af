using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.Tests.ServiceBus.Entities.Topics;

namespace KedaJobs.Tests.ServiceBus.Entities;

/// <summary>What happens between the end of an idle time and the deletion: nothing that was accepted may go with it.</summary>
public sealed class IdleTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    private static readonly SubscriptionOptions A = new() { Name = "a" };

    [Fact]
    public void A_message_sent_after_the_idle_time_is_not_deleted()
    {
        using var catalog = new TopicFixture();
        var queue = catalog.CreateQueue(new QueueOptions { Name = "idle", AutoDeleteOnIdle = Idle });
        var sent = Before(queue, () => queue.Send(new TestContent("kept"), catalog.Now) == SendOutcome.Accepted);

        catalog.Time.Advance(Idle);

        Assert.True(sent.Value);
        Assert.Same(queue, catalog.Catalog.Find("idle"));
        Assert.Equal((1, false), (queue.Count(catalog.Now).Active, queue.IsDeleted));

        // From then on the full time counts again.
        queue.IdleTimeOver = sent.Original;
        catalog.Time.Advance(Idle - TimeSpan.FromSeconds(1));
        Assert.NotNull(catalog.Catalog.Find("idle"));
        catalog.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(catalog.Catalog.Find("idle"));
        Assert.Equal(SendOutcome.QueueDeleted, queue.Send(new TestContent("refused"), catalog.Now));
    }

    [Fact]
    public void A_message_that_is_forwarded_counts_as_use()
    {
        using var catalog = new TopicFixture();
        var target = catalog.CreateQueue(new QueueOptions { Name = "target", AutoDeleteOnIdle = Idle });
        var source = catalog.CreateQueue(new QueueOptions { Name = "source", ForwardTo = "target" });
        catalog.Time.Advance(TimeSpan.FromMinutes(3));
        source.Send(new TestContent("kept"), catalog.Now);
        catalog.Time.Advance(TimeSpan.FromMinutes(3));

        Assert.Same(target, catalog.Catalog.Find("target"));
        Assert.Equal(1, target.Count(catalog.Now).Active);
    }

    [Fact]
    public void Another_queue_of_the_name_is_not_deleted_in_place_of_the_idle_one()
    {
        using var catalog = new TopicFixture();
        var queue = catalog.CreateQueue(new QueueOptions { Name = "idle", AutoDeleteOnIdle = Idle });
        QueueEntity? next = null;
        Before(queue, () =>
        {
            catalog.Catalog.Delete("idle");
            next = catalog.CreateQueue(new QueueOptions { Name = "idle" });
            return next.Send(new TestContent("kept"), catalog.Now) == SendOutcome.Accepted;
        });

        catalog.Time.Advance(Idle);

        Assert.Same(next, catalog.Catalog.Find("idle"));
        Assert.Equal(1, next!.Count(catalog.Now).Active);
    }

    [Fact]
    public void A_subscription_that_is_read_after_the_idle_time_keeps_its_topic()
    {
        using var topic = new TopicFixture(options => options with { AutoDeleteOnIdle = Idle }, subscriptions: [A, A with { Name = "b" }]);
        topic.Send("kept");
        Before(topic.Topic.Intake, () => topic.Peek("b").Count == 1);

        topic.Time.Advance(Idle);

        Assert.NotNull(topic.Catalog.FindTopic("news"));
        Assert.Equal(["kept"], topic.Bodies("a"));
        Assert.Equal(["kept"], topic.Bodies("b"));
    }

    [Fact]
    public void A_subscription_that_is_received_from_after_the_idle_time_stays()
    {
        using var topic = new TopicFixture(subscriptions: [A with { AutoDeleteOnIdle = Idle }]);
        topic.Send("kept");
        TestConsumer? receiver = null;
        Before(topic.Queue("a"), () => (receiver = topic.Receive("a")).Received.Count == 1);

        topic.Time.Advance(Idle);

        Assert.NotNull(topic.Topic.Find("a"));
        Assert.Null(receiver!.Detached);
        Assert.Equal(SettleOutcome.Done, topic.Queue("a").Main.Settle(receiver.Last.LockToken, Settlement.Complete, topic.Now));
    }

    [Fact]
    public void An_idle_topic_takes_its_subscriptions_along_and_frees_their_names()
    {
        using var topic = new TopicFixture(options => options with { AutoDeleteOnIdle = Idle }, subscriptions: [A, A with { Name = "b" }]);
        var queues = topic.Topic.Subscriptions.Select(subscription => subscription.Queue).ToList();

        topic.Time.Advance(Idle);

        Assert.All(queues, queue => Assert.True(queue.IsDeleted));
        Assert.Empty(topic.Catalog.Entities);
        Assert.Equal(CatalogOutcome.Done, topic.Catalog.Create(topic.Topic.Options with { Subscriptions = [A] }, out _, out _));
    }

    /// <summary>Has something happen between the end of the idle time and what the catalog does about it.</summary>
    private static Happened Before(QueueEntity queue, Func<bool> something)
    {
        var happened = new Happened(queue.IdleTimeOver!);
        queue.IdleTimeOver = idle =>
        {
            happened.Value = something();
            happened.Original(idle);
        };
        return happened;
    }

    private sealed class Happened(Action<QueueEntity> original)
    {
        public Action<QueueEntity> Original { get; } = original;

        public bool Value { get; set; }
    }
}
