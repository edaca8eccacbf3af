using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics;

public sealed class TopicJournalTests
{
    private static readonly SubscriptionOptions A = new() { Name = "a" };

    [Fact]
    public void All_copies_of_a_message_are_noted_before_the_send_ends()
    {
        var journal = new Recorder();
        using var topic = new TopicFixture(options => options with { RequiresDuplicateDetection = true }, journal, A, A with { Name = "b" });
        journal.Lines.Clear();
        topic.Send(new TestContent("x") { Id = "1" });
        Assert.Equal(["added news/Subscriptions/a 1", "added news/Subscriptions/b 1", "remembered news 1"], journal.Lines);
    }

    [Fact]
    public void A_scheduled_message_leaves_the_topic_after_its_copies_are_noted()
    {
        var journal = new Recorder();
        using var topic = new TopicFixture(journal: journal, subscriptions: A);
        journal.Lines.Clear();
        topic.Send(new TestContent("x") { Due = topic.Now.AddMinutes(1) });
        topic.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["added news 1", "added news/Subscriptions/a 1", "removed news 1"], journal.Lines);
    }

    [Fact]
    public void What_cannot_be_delivered_is_noted_among_the_dead_letters_before_it_leaves()
    {
        var journal = new Recorder();
        using var topic = new TopicFixture(journal: journal, subscriptions: A with { RequiresSession = true });
        journal.Lines.Clear();
        topic.Send("no session");
        Assert.Equal(
            ["added news/Subscriptions/a 1", "added news/Subscriptions/a/DeadLetter 1", "removed news/Subscriptions/a 1"], journal.Lines);
    }

    [Fact]
    public void Every_change_of_a_definition_is_noted()
    {
        var journal = new Recorder();
        using var topic = new TopicFixture(journal: journal);
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
        Expect("deleted news", "deleted news/Subscriptions/a");
    }

    [Fact]
    public void A_topic_is_defined_before_its_subscriptions()
    {
        var journal = new Recorder();
        using var topic = new TopicFixture(journal: journal, subscriptions: A);
        Assert.Equal(["defined news", "defined news/Subscriptions/a ($Default)"], journal.Lines);
    }

    [Fact]
    public void A_definition_is_noted_with_its_new_values()
    {
        var journal = new Recorder();
        using var topic = new TopicFixture(journal: journal, subscriptions: A);
        topic.Catalog.Update(topic.Topic.Options with { UserMetadata = "topic" }, out _, out _);
        topic.Catalog.Update("news", A with { UserMetadata = "subscription" }, out _, out _);
        Assert.Equal(["topic", "subscription"], journal.Notes[^2..]);
    }

    private sealed class Recorder : IJournal
    {
        public List<string> Lines { get; } = [];

        /// <summary>The free text of each definition.</summary>
        public List<string?> Notes { get; } = [];

        public void Added(SubQueue queue, BrokerMessage message) => Lines.Add($"added {Name(queue)} {message.SequenceNumber}");

        public void Removed(SubQueue queue, long sequenceNumber) => Lines.Add($"removed {Name(queue)} {sequenceNumber}");

        public void Delivering(SubQueue queue, BrokerMessage message) => Lines.Add($"delivering {Name(queue)} {message.SequenceNumber}");

        public void Changed(SubQueue queue, BrokerMessage message, bool content) => Lines.Add($"changed {Name(queue)} {message.SequenceNumber}");

        public void Remembered(QueueEntity queue, string messageId, DateTime at) => Lines.Add($"remembered {queue.Name} {messageId}");

        public void SessionStateSet(SubQueue queue, Session session) => Lines.Add($"session state {Name(queue)}");

        public void Defined(QueueEntity queue)
        {
            var rules = queue.Subscription is { } subscription ? $" ({string.Join(',', subscription.Rules.Rules.Select(rule => rule.Name))})" : "";
            Lines.Add($"defined {queue.Name}{rules}");
            Notes.Add(queue.Topic?.Options.UserMetadata ?? queue.Subscription?.Options.UserMetadata);
        }

        public void Deleted(QueueEntity queue) => Lines.Add($"deleted {queue.Name}");

        private static string Name(SubQueue queue) => queue.Kind == SubQueueKind.Main ? queue.Entity.Name : $"{queue.Entity.Name}/{queue.Kind}";
    }
}
