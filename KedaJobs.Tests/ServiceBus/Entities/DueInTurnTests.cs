using KedaJobs.ServiceBus.Entities;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Entities;

/// <summary>
/// However much is due at once, a turn does a bounded part of it: others can use the queue in between, and
/// nothing of what is late is wrong meanwhile.
/// </summary>
public sealed class DueInTurnTests
{
    private const int Count = 2_000;
    private readonly TurnJournal _turns = new();

    [Fact]
    public void Expired_messages_go_a_part_at_a_time()
    {
        var queue = Filled(timeToLive: TimeSpan.FromMinutes(1));

        queue.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((0, 0), (queue.Counts.Active, queue.Counts.DeadLetter));
        AssertBounded(Count);
    }

    [Fact]
    public void Expired_messages_are_dead_lettered_a_part_at_a_time_and_counts_tell_of_all()
    {
        var queue = Filled(options => options with { DeadLetteringOnMessageExpiration = true }, TimeSpan.FromMinutes(1));

        queue.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((0, Count), (queue.Counts.Active, queue.Counts.DeadLetter));
        AssertBounded(Count);
    }

    [Fact]
    public void Lapsed_locks_end_a_part_at_a_time_and_none_of_them_is_good_meanwhile()
    {
        var queue = Filled();
        var receiver = queue.Receive(credit: Count);
        _turns.Clear();

        queue.Time.Advance(TimeSpan.FromMinutes(1));

        // This turn does a part of it; the message is not of that part.
        Assert.Equal(SettleOutcome.LockLost, queue.Settle(receiver.Last, Disposition.Complete));
        Assert.InRange(_turns.Total, 1, Count - 1);
        Assert.Equal(SettleOutcome.LockLost, queue.Queue.RenewLock(receiver.Last.LockToken, queue.Now, out _));

        queue.Entity.Advance(queue.Now);
        AssertBounded(Count);
        var next = queue.Receive(credit: Count);
        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), next.Bodies);
        Assert.All(next.Received, message => Assert.Equal(1, message.DeliveryCount));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_session_gives_back_what_its_holder_had_a_part_at_a_time_and_is_free_when_all_is_back(bool lapses)
    {
        var queue = Filled(options => options with { RequiresSession = true }, sessionId: "s");
        var holder = queue.ReceiveSession("s", credit: Count);
        var waiting = new TestConsumer();
        Assert.Equal(AttachOutcome.Waiting, queue.Queue.AttachSession(waiting, null, TimeSpan.FromHours(1), queue.Now, out _, out _));
        _turns.Clear();

        if (lapses)
        {
            queue.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(SettleOutcome.SessionLockLost, queue.Settle(holder.Last, Disposition.Complete));
        }
        else
        {
            queue.Queue.Detach(holder, queue.Now);
        }

        Assert.Null(waiting.SessionId);
        queue.Entity.Advance(queue.Now);

        AssertBounded(Count);
        Assert.Equal("s", waiting.SessionId);
        waiting.Allow(Count, queue.Now);
        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), waiting.Bodies);
        Assert.All(waiting.Received, message => Assert.Equal(lapses ? 1 : 0, message.DeliveryCount));
        Assert.Equal(SettleOutcome.Done, queue.Settle(waiting.Last, Disposition.Complete));

        // The lock of the new holder ends as any other.
        queue.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(DetachReason.SessionLockLost, waiting.Detached);
    }

    [Fact]
    public void A_session_that_is_still_being_given_back_can_be_asked_for_by_its_name()
    {
        var queue = Filled(options => options with { RequiresSession = true }, sessionId: "s");
        queue.Queue.Detach(queue.ReceiveSession("s", credit: Count), queue.Now);
        var lapsing = queue.ReceiveSession("s", credit: Count);
        queue.Time.Advance(TimeSpan.FromMinutes(1));
        _turns.Clear();

        var next = queue.ReceiveSession("s", credit: Count);

        Assert.Equal(Count, next.Received.Count);
        Assert.Equal(DetachReason.SessionLockLost, lapsing.Detached);
        AssertBounded(Count);
    }

    [Fact]
    public void Scheduled_messages_become_active_a_part_at_a_time()
    {
        var queue = new QueueFixture(journal: _turns);
        queue.Schedule(queue.Now + TimeSpan.FromMinutes(1), [.. Enumerable.Range(0, Count).Select(number => $"{number}")]);
        _turns.Clear();

        queue.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(Count, queue.Counts.Active);
        AssertBounded(Count);
    }

    [Fact]
    public void A_receiver_gets_what_lies_behind_expired_messages_before_its_drain_is_answered()
    {
        var queue = Filled(timeToLive: TimeSpan.FromMinutes(1));
        queue.Send("live");
        queue.Time.Advance(TimeSpan.FromMinutes(1));
        var receiver = new TestConsumer();
        queue.Queue.Attach(receiver, queue.Now);

        receiver.Allow(10, queue.Now, drain: true);
        queue.Entity.Advance(queue.Now);

        Assert.Equal(["live"], receiver.Bodies);
        Assert.Equal((1, 1), (receiver.Drains, receiver.ReceivedBeforeDrain));
    }

    [Fact]
    public void The_timer_sees_to_all_of_it()
    {
        var time = new FakeTimeProvider();
        using var catalog = new EntityCatalog(() => _turns, time);
        Assert.Equal(CatalogOutcome.Done, catalog.Create(new KedaJobs.ServiceBus.QueueOptions { Name = "jobs" }, out var queue, out _));
        for (var number = 0; number < Count; number++)
        {
            queue!.Send(new TestContent($"{number}") { Ttl = TimeSpan.FromMinutes(1) }, time.UtcNow());
        }

        _turns.Clear();
        time.Advance(TimeSpan.FromMinutes(1));

        // Nobody asks the queue for anything.
        Assert.Equal(0, queue!.Main.TotalCount);
        AssertBounded(Count);
    }

    [Fact]
    public void A_queue_that_begins_to_forward_passes_its_messages_on_a_part_at_a_time_and_in_order()
    {
        var forwarder = new Forwarder();
        var queue = new QueueEntity(new KedaJobs.ServiceBus.QueueOptions { Name = "jobs" }, DateTime.UnixEpoch, _turns, forwarder);
        for (var number = 0; number < Count; number++)
        {
            queue.Send(new TestContent($"{number}"), DateTime.UnixEpoch);
        }

        _turns.Clear();
        queue.Update(queue.Options with { ForwardTo = "next" }, DateTime.UnixEpoch);
        Assert.InRange(forwarder.Bodies.Count, 1, Count - 1);
        queue.Send(new TestContent("late"), DateTime.UnixEpoch);
        queue.Advance(DateTime.UnixEpoch);

        Assert.Equal([.. Enumerable.Range(0, Count).Select(number => $"{number}"), "late"], forwarder.Bodies);
        Assert.Equal(0, queue.Count(DateTime.UnixEpoch).Total);
        Assert.InRange(forwarder.Most, 1, QueueEntity.MaxDueInTurn);
    }

    [Fact]
    public void Old_message_ids_do_not_count_though_they_are_forgotten_a_part_at_a_time()
    {
        var queue = new QueueFixture(options => options with { RequiresDuplicateDetection = true }, _turns);
        for (var number = 0; number < Count; number++)
        {
            queue.Send($"{number}", id: $"{number}");
        }

        queue.Time.Advance(TimeSpan.FromMinutes(10));
        _turns.Clear();

        queue.Send("again", id: $"{Count - 1}");
        queue.Send("twice", id: $"{Count - 1}");

        Assert.Equal(Count + 1, queue.Counts.Active);
        for (var number = 0; number < 10; number++)
        {
            queue.Send("another");
        }

        // The old one is forgotten by now; the new one is not.
        queue.Send("thrice", id: $"{Count - 1}");
        Assert.Equal(Count + 11, queue.Counts.Active);
        Assert.InRange(_turns.MostForgotten, 1, QueueEntity.MaxDueInTurn);
    }

    private QueueFixture Filled(
        Func<KedaJobs.ServiceBus.QueueOptions, KedaJobs.ServiceBus.QueueOptions>? configure = null, TimeSpan? timeToLive = null,
        string? sessionId = null)
    {
        var queue = new QueueFixture(configure, _turns);
        for (var number = 0; number < Count; number++)
        {
            queue.Send($"{number}", sessionId, timeToLive);
        }

        _turns.Clear();
        return queue;
    }

    private void AssertBounded(int total)
    {
        Assert.Equal(total, _turns.Total);
        Assert.InRange(_turns.Most, 1, QueueEntity.MaxDueInTurn);
    }

    private sealed class Forwarder : IForwarder
    {
        private int _inTurn;
        private QueueEntity? _source;

        public List<string> Bodies { get; } = [];

        public int Most { get; private set; }

        public void Forward(QueueEntity source, BrokerMessage message, string target, DateTime now)
        {
            // Those of one turn are handed over before the next: as many are on their way as it took.
            _source = source;
            _inTurn = Math.Max(_inTurn, _source.Main.TransferringCount);
            Most = Math.Max(Most, _inTurn);
            Bodies.Add(((TestContent)message.Content).Body);
            source.EndTransfer(message, null, now);
        }
    }

    /// <summary>Counts the messages that each turn ends, moves or returns.</summary>
    private sealed class TurnJournal : IJournal
    {
        private readonly HashSet<long> _touched = [];
        private int _forgotten;

        public int Total { get; private set; }

        public int Most { get; private set; }

        public int MostForgotten { get; private set; }

        public void Clear()
        {
            _touched.Clear();
            (Total, Most, MostForgotten) = (0, 0, 0);
        }

        public void Added(SubQueue queue, BrokerMessage message)
        {
        }

        public void Removed(SubQueue queue, BrokerMessage message) => _touched.Add(message.SequenceNumber);

        public void Left(SubQueue queue, long sequenceNumber) => _touched.Add(sequenceNumber);

        public void Delivering(SubQueue queue, BrokerMessage message)
        {
        }

        public void Changed(SubQueue queue, BrokerMessage message) => _touched.Add(message.SequenceNumber);

        public void Remembered(RememberedId id)
        {
        }

        public void Forgotten(RememberedId id) => MostForgotten = Math.Max(MostForgotten, ++_forgotten);

        public void SessionStateSet(Session session)
        {
        }

        public void Defined(QueueEntity queue)
        {
        }

        public void Deleted(QueueEntity queue)
        {
        }

        public void TurnEnded(QueueEntity queue)
        {
            Total += _touched.Count;
            Most = Math.Max(Most, _touched.Count);
            _touched.Clear();
            _forgotten = 0;
        }
    }
}
