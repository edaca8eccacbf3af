using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics;

public sealed class TopicTests
{
    private static readonly SubscriptionOptions A = new() { Name = "a" };
    private static readonly SubscriptionOptions B = new() { Name = "b" };

    [Fact]
    public void Each_subscription_gets_a_copy_of_the_same_content()
    {
        using var topic = new TopicFixture(subscriptions: [A, B]);
        topic.Send("one");
        topic.Send(new TestContent("two"), new TestContent("three"));
        Assert.Equal(["one", "two", "three"], topic.Bodies("a"));
        Assert.Equal(["one", "two", "three"], topic.Bodies("b"));
        Assert.Same(topic.Peek("a")[0].Content, topic.Peek("b")[0].Content);
        Assert.Equal(0, topic.Topic.Intake.Count(topic.Now).Total);
    }

    [Fact]
    public void Numbers_are_per_subscription_and_the_enqueued_number_is_the_topics()
    {
        using var topic = new TopicFixture(subscriptions: [A, TopicFixture.Sql("odd", "odd = TRUE")]);
        topic.Send(new TestContent("1"), new TestContent("2"), new TestContent("3") { Properties = new() { ["odd"] = true } });
        Assert.Equal(
            [(1L, 1L), (2, 2), (3, 3)], topic.Peek("a").Select(message => (message.SequenceNumber, message.EnqueuedSequenceNumber)));
        Assert.Equal([(1L, 3L)], topic.Peek("odd").Select(message => (message.SequenceNumber, message.EnqueuedSequenceNumber)));
    }

    [Fact]
    public void Without_a_subscription_that_selects_it_a_message_is_dropped()
    {
        using var topic = new TopicFixture(subscriptions: [TopicFixture.Sql("none", "1 = 0")]);
        Assert.Equal(SendOutcome.Accepted, topic.Send("lost"));
        Assert.Empty(topic.Bodies("none"));
    }

    [Fact]
    public void A_topic_that_filters_first_refuses_a_batch_with_a_message_for_nobody()
    {
        using var topic = new TopicFixture(
            options => options with { FilteringMessagesBeforePublishing = true },
            subscriptions: [TopicFixture.Sql("red", "color = 'red'")]);
        var red = new TestContent("red") { Properties = new() { ["color"] = "red" } };
        Assert.Equal(SendOutcome.NoMatchingSubscription, topic.Send(red, new TestContent("none")));
        Assert.Empty(topic.Bodies("red"));
        Assert.Equal(SendOutcome.Accepted, topic.Send(red));
        Assert.Equal(SendOutcome.Accepted, topic.Send(new TestContent("later") { Due = topic.Now.AddHours(1) }));
    }

    [Fact]
    public void A_waiting_receiver_gets_its_copy_at_once()
    {
        using var topic = new TopicFixture(subscriptions: [A, B]);
        var (first, second) = (topic.Receive("a"), topic.Receive("b"));
        topic.Send("now");
        Assert.Equal(["now"], first.Bodies);
        Assert.Equal(["now"], second.Bodies);
        Assert.Equal(SettleOutcome.Done, topic.Queue("a").Main.Settle(first.Last.LockToken, Settlement.Complete, topic.Now));
        Assert.Equal((0, 1), (topic.Queue("a").Count(topic.Now).Active, topic.Queue("b").Count(topic.Now).Active));
    }

    [Fact]
    public void A_failing_rule_dead_letters_with_its_reason_where_the_subscription_says_so()
    {
        using var topic = new TopicFixture(subscriptions:
        [
            TopicFixture.Sql("collects", "color > 1"),
            TopicFixture.Sql("ignores", "color > 1") with { DeadLetteringOnFilterEvaluationExceptions = false },
        ]);
        topic.Send(new TestContent("x") { Properties = new() { ["color"] = "red" } });
        Assert.Empty(topic.Bodies("collects"));
        var dead = Assert.Single(topic.DeadLetters("collects"));
        Assert.Equal("FilterEvaluationException", dead.Property("DeadLetterReason"));
        Assert.StartsWith(
            "Rule '$Default': The operator '>'", (string)dead.Property("DeadLetterErrorDescription")!, StringComparison.Ordinal);
        Assert.Equal("news/Subscriptions/collects", dead.DeadLetterSource);
        Assert.Empty(topic.DeadLetters("ignores"));
        Assert.Equal(0, topic.Queue("ignores").Count(topic.Now).Total);
    }

    [Fact]
    public void A_message_without_a_session_goes_to_the_dead_letters_of_a_subscription_with_sessions()
    {
        using var topic = new TopicFixture(subscriptions: [A, B with { RequiresSession = true }]);
        topic.Send(new TestContent("with") { Session = "s" }, new TestContent("without"));
        Assert.Equal(["with", "without"], topic.Bodies("a"));
        Assert.Equal(["with"], topic.Bodies("b"));
        Assert.Equal("Session ID is null.", Assert.Single(topic.DeadLetters("b")).Property("DeadLetterReason"));
    }

    [Fact]
    public void The_shortest_time_to_live_counts()
    {
        using var topic = new TopicFixture(
            options => options with { DefaultMessageTimeToLive = TimeSpan.FromMinutes(10) },
            subscriptions: [A, B with { DefaultMessageTimeToLive = TimeSpan.FromMinutes(5) }]);
        topic.Send(new TestContent("x"), new TestContent("short") { Ttl = TimeSpan.FromMinutes(1) });
        Assert.Equal([10.0, 1], topic.Peek("a").Select(message => (message.ExpiresAt - topic.Now).TotalMinutes));
        Assert.Equal([5.0, 1], topic.Peek("b").Select(message => (message.ExpiresAt - topic.Now).TotalMinutes));

        topic.Catalog.Update(topic.Topic.Options with { DefaultMessageTimeToLive = TimeSpan.FromMinutes(2) }, out _, out _);
        topic.Send("y");
        Assert.Equal(2.0, (topic.Peek("b")[^1].ExpiresAt - topic.Now).TotalMinutes);
    }

    [Fact]
    public void A_duplicate_is_dropped_for_all_subscriptions()
    {
        using var topic = new TopicFixture(options => options with { RequiresDuplicateDetection = true }, subscriptions: [A, B]);
        Assert.Equal(SendOutcome.Accepted, topic.Send(new TestContent("first") { Id = "1" }));
        Assert.Equal(SendOutcome.Accepted, topic.Send(new TestContent("again") { Id = "1" }));
        Assert.Equal(["first"], topic.Bodies("a"));
        Assert.Equal(["first"], topic.Bodies("b"));
    }

    [Fact]
    public void A_scheduled_message_waits_in_the_topic_and_goes_by_the_rules_of_its_time()
    {
        using var topic = new TopicFixture(subscriptions: [A]);
        var numbers = new long[1];
        topic.Topic.Intake.Send([new TestContent("later") { Due = topic.Now.AddMinutes(5) }], numbers, topic.Now);
        Assert.Equal(1, topic.Topic.Intake.Count(topic.Now).Scheduled);
        Assert.Empty(topic.Bodies("a"));
        topic.Catalog.Create("news", B, out _, out _);

        topic.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(0, topic.Topic.Intake.Count(topic.Now).Scheduled);
        Assert.Equal(["later"], topic.Bodies("a"));
        Assert.Equal(["later"], topic.Bodies("b"));
        Assert.Equal((numbers[0], topic.Now), (topic.Peek("b")[0].EnqueuedSequenceNumber, topic.Peek("b")[0].EnqueuedTime));
    }

    [Fact]
    public void A_scheduled_message_can_be_cancelled()
    {
        using var topic = new TopicFixture(subscriptions: [A]);
        var numbers = new long[1];
        topic.Topic.Intake.Send([new TestContent("never") { Due = topic.Now.AddMinutes(5) }], numbers, topic.Now);
        Assert.Equal(NumberOutcome.Done, topic.Topic.Intake.Main.CancelScheduled(numbers, topic.Now));
        topic.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Empty(topic.Bodies("a"));
    }

    [Theory]
    [InlineData(EntityStatus.Disabled)]
    [InlineData(EntityStatus.SendDisabled)]
    public void A_disabled_topic_takes_nothing_but_its_subscriptions_give_what_they_have(EntityStatus status)
    {
        using var topic = new TopicFixture(subscriptions: [A]);
        topic.Send("before");
        topic.Catalog.Update(topic.Topic.Options with { Status = status }, out _, out _);
        Assert.Equal(SendOutcome.Disabled, topic.Send("refused"));
        Assert.Equal(["before"], topic.Receive("a").Bodies);
    }

    [Fact]
    public void A_disabled_subscription_collects_but_gives_nothing()
    {
        using var topic = new TopicFixture(subscriptions: [A with { Status = EntityStatus.ReceiveDisabled }]);
        topic.Send("kept");
        Assert.Equal(AttachOutcome.Disabled, topic.Queue("a").Main.Attach(new TestConsumer(), topic.Now));
        topic.Catalog.Update("news", A, out _, out _);
        Assert.Equal(["kept"], topic.Receive("a").Bodies);
    }

    [Fact]
    public void The_size_of_all_copies_counts()
    {
        using var topic = new TopicFixture(subscriptions: [A, B]);
        var part = new TestContent("x") { SizeInBytes = 100 * 1024 * 1024 };
        Assert.Equal(SendOutcome.TooLarge, topic.Send(part));
        topic.Catalog.Update(topic.Topic.Options with { MaxMessageSizeInKilobytes = 102400 }, out _, out _);
        for (var sent = 0; sent < 5; sent++)
        {
            Assert.Equal(SendOutcome.Accepted, topic.Send(part));
        }

        Assert.Equal(SendOutcome.QueueFull, topic.Send(part));
        Assert.Equal(5, topic.Queue("a").Count(topic.Now).Active);
    }

    [Fact]
    public void A_batch_is_taken_whole_or_not_at_all()
    {
        using var topic = new TopicFixture(subscriptions: [A]);
        Assert.Equal(
            SendOutcome.SessionIdTooLong, topic.Send(new TestContent("good"), new TestContent("bad") { Session = new string('s', 129) }));
        Assert.Empty(topic.Bodies("a"));
    }
}
