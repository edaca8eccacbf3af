using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics;

public sealed class TopicJournalTests
{
    private static readonly SubscriptionOptions A = new() { Name = "a" };

    [Fact]
    public void All_copies_of_a_message_are_noted_before_the_send_ends()
    {
        var journal = new Notes();
        using var topic = new TopicFixture(
            options => options with { RequiresDuplicateDetection = true }, journal.NewJournal, A, A with { Name = "b" });
        journal.Lines.Clear();
        topic.Send(new TestContent("x") { Id = "1" });
        Assert.Equal(["added news/Subscriptions/a 1", "added news/Subscriptions/b 1", "remembered 1"], journal.Lines);
    }

    [Fact]
    public void A_scheduled_message_leaves_the_topic_after_its_copies_are_noted()
    {
        var journal = new Notes();
        using var topic = new TopicFixture(newJournal: journal.NewJournal, subscriptions: A);
        journal.Lines.Clear();
        topic.Send(new TestContent("x") { Due = topic.Now.AddMinutes(1) });
        topic.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["added news 1", "added news/Subscriptions/a 1", "removed news 1"], journal.Lines);
    }

    [Fact]
    public void What_cannot_be_delivered_is_noted_among_the_dead_letters_before_it_leaves()
    {
        var journal = new Notes();
        using var topic = new TopicFixture(newJournal: journal.NewJournal, subscriptions: A with { RequiresSession = true });
        journal.Lines.Clear();
        topic.Send("no session");
        Assert.Equal(
            ["added news/Subscriptions/a 1", "added news/Subscriptions/a/DeadLetter 1", "left news/Subscriptions/a 1"], journal.Lines);
    }

    [Fact]
    public void Every_change_of_a_definition_is_noted()
    {
        var journal = new Notes();
        using var topic = new TopicFixture(newJournal: journal.NewJournal);
        void Expect(params string[] lines)
        {
            Assert.Equal(lines, journal.Lines);
            journal.Lines.Clear();
        }

        Expect("defined news");
        topic.Catalog.Create("news", A, out var subscription, out _);
        Expect("defined news/Subscriptions/a ($Default)");
        topic.Catalog.Define(subscription!, new RuleOptions { Name = "r" }, replace: false, out _, out _);
        Expect("defined news/Subscriptions/a ($Default,r)");
        topic.Catalog.DeleteRule(subscription!, "$Default");
        Expect("defined news/Subscriptions/a (r)");
        topic.Catalog.Update("news", A with { MaxDeliveryCount = 3 }, out _, out _);
        Expect("defined news/Subscriptions/a (r)");
        topic.Catalog.Update(topic.Topic.Options with { DefaultMessageTimeToLive = TimeSpan.FromHours(1) }, out _, out _);
        Expect("defined news", "defined news/Subscriptions/a (r)");
        topic.Catalog.DeleteTopic("news");
        Expect("deleted news/Subscriptions/a", "deleted news");
    }

    [Fact]
    public void A_topic_is_defined_before_its_subscriptions()
    {
        var journal = new Notes();
        using var topic = new TopicFixture(newJournal: journal.NewJournal, subscriptions: A);
        Assert.Equal(["defined news", "defined news/Subscriptions/a ($Default)"], journal.Lines);
    }

    [Fact]
    public void A_definition_is_noted_with_its_new_values()
    {
        var journal = new Notes();
        using var topic = new TopicFixture(newJournal: journal.NewJournal, subscriptions: A);
        topic.Catalog.Update(topic.Topic.Options with { UserMetadata = "topic" }, out _, out _);
        topic.Catalog.Update("news", A with { UserMetadata = "subscription" }, out _, out _);
        Assert.Equal(["topic", "subscription"], journal.Metadata[^2..]);
    }

    /// <summary>What the journals of all queues noted, in the order in which turns ended: that in which it is written.</summary>
    private sealed class Notes
    {
        public List<string> Lines { get; } = [];

        /// <summary>The free text of each definition.</summary>
        public List<string?> Metadata { get; } = [];

        public IJournal NewJournal() => new Recorder(this);
    }

    private sealed class Recorder(Notes notes) : IJournal
    {
        private readonly List<string> _turn = [];

        public void Added(SubQueue queue, BrokerMessage message) => _turn.Add($"added {Name(queue)} {message.SequenceNumber}");

        public void Removed(SubQueue queue, BrokerMessage message) => _turn.Add($"removed {Name(queue)} {message.SequenceNumber}");

        public void Left(SubQueue queue, long sequenceNumber) => _turn.Add($"left {Name(queue)} {sequenceNumber}");

        public void Delivering(SubQueue queue, BrokerMessage message) => _turn.Add($"delivering {Name(queue)} {message.SequenceNumber}");

        public void Changed(SubQueue queue, BrokerMessage message) => _turn.Add($"changed {Name(queue)} {message.SequenceNumber}");

        public void Remembered(RememberedId id) => _turn.Add($"remembered {id.Id}");

        public void Forgotten(RememberedId id) => _turn.Add($"forgotten {id.Id}");

        public void SessionStateSet(Session session) => _turn.Add($"session state {session.Id}");

        public void Defined(QueueEntity queue)
        {
            var rules = queue.Subscription is { } subscription
                ? $" ({string.Join(',', subscription.Rules.Rules.Select(rule => rule.Name))})"
                : "";
            _turn.Add($"defined {queue.Name}{rules}");
            notes.Metadata.Add(queue.Topic?.Options.UserMetadata ?? queue.Subscription?.Options.UserMetadata);
        }

        public void Deleted(QueueEntity queue) => _turn.Add($"deleted {queue.Name}");

        public void TurnEnded(QueueEntity queue)
        {
            notes.Lines.AddRange(_turn);
            _turn.Clear();
        }

        private static string Name(SubQueue queue) =>
            queue.Kind == SubQueueKind.Main ? queue.Entity.Name : $"{queue.Entity.Name}/{queue.Kind}";
    }
}
