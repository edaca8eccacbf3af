using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Transactions;
using KedaJobs.Tests.ServiceBus.Entities;
using Microsoft.Extensions.Logging.Abstractions;

namespace KedaJobs.Tests.ServiceBus.Durability;

/// <summary>A transaction over several entities comes back as a whole or not at all.</summary>
public sealed class TransactionRecoveryTests
{
    private static readonly QueueOptions[] Queues =
    [
        new() { Name = "jobs" },
        new() { Name = "results", RequiresDuplicateDetection = true },
        new() { Name = "sessions", RequiresSession = true },
    ];

    private static readonly TopicOptions[] Topics =
    [
        new() { Name = "news", Subscriptions = [new SubscriptionOptions { Name = "one" }, new SubscriptionOptions { Name = "two" }] },
    ];

    [Fact]
    public async Task A_crash_at_any_byte_leaves_all_of_it_or_nothing()
    {
        await using var queue = new DurableQueue(null, null, null, Queues, Topics);
        queue.Send("in");
        var held = queue.Receive().Last;
        var before = Describe(queue.Catalog, queue.Now);
        var lengthBefore = queue.Length;
        var transaction = new Transaction();
        Settle(queue, held, transaction);
        Send(queue, transaction, "results", "out");
        Send(queue, transaction, "sessions", "session", session: "s");
        Send(queue, transaction, "news", "news");
        Schedule(queue, transaction, "jobs", "later");

        // Numbers were given out, and nothing else is noted of it.
        var promised = queue.Length;

        Assert.True(queue.Catalog.Commit(transaction, out _));

        await queue.Log.Gate.WaitAsync();
        var after = Describe(queue.Catalog, queue.Now);
        Assert.NotEqual(before, after);
        for (var length = lengthBefore; length < queue.Length; length++)
        {
            Assert.Equal(before, Restore(queue.Disk.Cut(length), queue.Now));
        }

        Assert.True(promised < queue.Length);
        Assert.Equal(after, Restore(queue.Disk.Cut(queue.Length), queue.Now));
    }

    [Fact]
    public async Task A_transaction_that_was_not_committed_leaves_nothing()
    {
        await using var queue = new DurableQueue(null, null, null, Queues, Topics);
        queue.Send("in");
        var held = queue.Receive().Last;
        var transaction = new Transaction();
        Settle(queue, held, transaction);
        Send(queue, transaction, "results", "out");

        await using var restored = await queue.CrashAsync();

        Assert.Equal("in", ((TestContent)Assert.Single(restored.Queue.Messages).Content).Body);
        Assert.Equal(0, restored.Catalog.Find("results")!.Count(restored.Now).Total);
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_committed_changes_nothing_and_frees_what_it_held()
    {
        await using var queue = new DurableQueue(null, null, null, Queues, Topics);
        queue.Send("one");
        queue.Send("two");
        var (first, second) = (queue.Receive().Last, queue.Receive().Last);
        var transaction = new Transaction();
        Settle(queue, first, transaction);
        Settle(queue, second, transaction);
        Send(queue, transaction, "results", "out");
        Assert.Equal(CatalogOutcome.Done, queue.Catalog.Delete("results"));

        Assert.False(queue.Catalog.Commit(transaction, out var problem));

        Assert.Contains("results", problem, StringComparison.Ordinal);
        Assert.Equal(TransactionState.RolledBack, transaction.State);
        Assert.Equal(SettleOutcome.Done, queue.Queue.Settle(first.LockToken, Settlement.Complete, queue.Now));
        Assert.Equal(SettleOutcome.Done, queue.Queue.Settle(second.LockToken, Settlement.Complete, queue.Now));
    }

    [Fact]
    public async Task What_a_transaction_sends_is_given_to_receivers_when_it_is_committed()
    {
        await using var queue = new DurableQueue(null, null, null, Queues, Topics);
        var receiver = new TestConsumer();
        queue.Catalog.Find("results")!.Main.Attach(receiver, queue.Now);
        receiver.Allow(10, queue.Now);
        var transaction = new Transaction();
        Send(queue, transaction, "results", "a");
        Send(queue, transaction, "results", "b");
        Assert.Empty(receiver.Received);

        Assert.True(queue.Catalog.Commit(transaction, out _));

        Assert.Equal(["a", "b"], receiver.Bodies);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Transactions_over_the_same_entities_in_any_order_get_through_side_by_side(int seed)
    {
        const int Each = 300;
        await using var queue = new DurableQueue(null, null, null, Queues, Topics);
        string[] names = ["jobs", "results", "news"];
        var work = Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random((seed * 100) + worker);
            for (var count = 0; count < Each; count++)
            {
                var transaction = new Transaction();
                foreach (var name in random.GetItems(names, 2))
                {
                    Send(queue, transaction, name, $"{worker}-{count}-{random.Next()}");
                }

                Assert.True(queue.Catalog.Commit(transaction, out var problem), problem);
                queue.Catalog.Find("news")!.Send(new TestContent("beside"), queue.Now);
            }
        })).ToArray();

        await Task.WhenAll(work).WaitAsync(TimeSpan.FromMinutes(1));

        var all = names[..2].Sum(name => queue.Catalog.Find(name)!.Count(queue.Now).Active)
            + queue.Catalog.Find("news/Subscriptions/one")!.Count(queue.Now).Active;
        Assert.Equal((4 * Each * 2) + (4 * Each), all);
    }

    private static void Settle(DurableQueue queue, MessageSnapshot message, Transaction transaction)
    {
        Assert.Equal(SettleOutcome.Done, queue.Queue.Enlist(message.LockToken, Settlement.Complete, transaction, queue.Now));
        Assert.True(transaction.TryAdd(new SettleOperation(queue.Queue, message.LockToken, Settlement.Complete)));
    }

    private static void Send(DurableQueue queue, Transaction transaction, string name, string body, string? session = null) =>
        Assert.True(
            transaction.TryAdd(new SendOperation(queue.Catalog.Find(name)!, [new TestContent(body) { Id = body, Session = session }], [])));

    private static void Schedule(DurableQueue queue, Transaction transaction, string name, string body)
    {
        var entity = queue.Catalog.Find(name)!;
        var content = new TestContent(body) { Id = body, Due = queue.Now.AddHours(1) };
        Assert.True(transaction.TryAdd(new SendOperation(entity, [content], entity.ReserveNumbers(1, queue.Now))));
    }

    private static string Restore(MemorySegments disk, DateTime now)
    {
        var log = MessageLog.Open(disk, new LogLimits(), TestContent.Restore, TimeProvider.System, NullLogger.Instance);
        var catalog = new EntityCatalog(() => NoJournal.Instance, TimeProvider.System);
        catalog.Restore(log.TakeQueues(), log.LastQueueId);
        return Describe(catalog, now);
    }

    /// <summary>Everything that a crash now would leave.</summary>
    private static string Describe(EntityCatalog catalog, DateTime now) => string.Join(
        '\n', catalog.Entities.OrderBy(entity => entity.Id)
            .Select(entity => $"{entity.Name}\n{DurableQueue.Describe(entity, afterCrash: true, now)}"));
}
