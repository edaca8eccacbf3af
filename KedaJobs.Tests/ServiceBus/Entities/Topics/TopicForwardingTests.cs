using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics;

public sealed class TopicForwardingTests
{
    [Fact]
    public void A_queue_forwards_to_a_topic_and_a_subscription_to_a_queue()
    {
        using var topic = new TopicFixture(
            [new SubscriptionOptions { Name = "kept" }, new SubscriptionOptions { Name = "passed", ForwardTo = "sb://localhost/OUT" }],
            [],
            new QueueOptions { Name = "in", ForwardTo = "http://localhost:5672/news" },
            new QueueOptions { Name = "out" });
        var (source, target) = (topic.Catalog.Find("in")!, topic.Catalog.Find("out")!);
        source.Send(new TestContent("x"), topic.Now);
        source.Send(new TestContent("y"), topic.Now);
        Assert.Equal(["x", "y"], topic.Bodies("kept"));
        Assert.Empty(topic.Bodies("passed"));
        var arrived = target.Main.Peek(0, 10, null, topic.Now);
        Assert.Equal(["x", "y"], arrived.Select(message => message.Body()));
        Assert.Equal([1L, 2], arrived.Select(message => message.EnqueuedSequenceNumber));
        Assert.Equal(0, source.Count(topic.Now).Total);
    }

    [Fact]
    public void Topics_that_forward_to_each_other_stop_after_four_hops()
    {
        using var topic = new TopicFixture(
            [new SubscriptionOptions { Name = "ping", ForwardTo = "other" }],
            [new SubscriptionOptions { Name = "pong", ForwardTo = "news" }]);
        var other = topic.Catalog.FindTopic("other");
        topic.Send("round");
        var failed = topic.Queue("ping").TransferDeadLetter.Peek(0, 10, null, topic.Now);
        Assert.Equal("TransferFailed", Assert.Single(failed).Property("DeadLetterReason"));
        Assert.Equal(0, topic.Queue("ping").Count(topic.Now).Active);
        Assert.Equal(0, other!.Find("pong")!.Queue.Count(topic.Now).Total);
    }

    [Fact]
    public void Nothing_is_forwarded_to_a_subscription()
    {
        using var topic = new TopicFixture(subscriptions: [new SubscriptionOptions { Name = "a" }]);
        topic.Catalog.Forward(
            topic.CreateQueue(new QueueOptions { Name = "in" }), new BrokerMessage(new TestContent("x")), "news/Subscriptions/a",
            topic.Now);
        Assert.Empty(topic.Bodies("a"));
    }

    /// <summary>
    /// Senders, forwarders and receivers of two topics that feed each other, all at once: with a lock
    /// held where it must not be, they would stop.
    /// </summary>
    [Fact]
    public async Task Forwarding_in_circles_does_not_deadlock()
    {
        const int Senders = 4, Messages = 400;
        using var topic = new TopicFixture(
            [new SubscriptionOptions { Name = "ping", ForwardTo = "other" }, new SubscriptionOptions { Name = "sink" }],
            [new SubscriptionOptions { Name = "pong", ForwardTo = "news" }, new SubscriptionOptions { Name = "sink" }]);
        var other = topic.Catalog.FindTopic("other");
        var receiver = topic.Receive("sink", credit: 0);
        topic.Queue("sink").Main.SetLimit(receiver, uint.MaxValue / 2, false, topic.Now);
        var work = Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            var intake = sender % 2 == 0 ? topic.Topic.Intake : other!.Intake;
            for (var sent = 0; sent < Messages; sent++)
            {
                Assert.Equal(SendOutcome.Accepted, intake.Send(new TestContent("x"), topic.Now));
            }
        }));
        await Task.WhenAll(work).WaitAsync(TimeSpan.FromSeconds(60));

        // Each message passes its own topic and, by turns, the other, until it has been forwarded four times.
        Assert.Equal(Senders * Messages * 5 / 2, topic.Queue("sink").Count(topic.Now).Active);
        Assert.Equal(Senders * Messages * 5 / 2, other!.Find("sink")!.Queue.Count(topic.Now).Active);
    }

    [Fact]
    public async Task All_subscriptions_see_one_order()
    {
        using var topic = new TopicFixture(subscriptions: [new SubscriptionOptions { Name = "a" }, new SubscriptionOptions { Name = "b" }]);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => Task.Run(() =>
        {
            for (var sent = 0; sent < 200; sent++)
            {
                topic.Send($"{sender}-{sent}");
            }
        })));
        Assert.Equal(800, topic.Bodies("a").Length);
        Assert.Equal(topic.Bodies("a"), topic.Bodies("b"));
    }
}
