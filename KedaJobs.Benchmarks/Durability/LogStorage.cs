using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.ServiceBus.Entities;
using Microsoft.Extensions.Logging.Abstractions;

namespace KedaJobs.Benchmarks.Durability;

/// <summary>The broker's own queue and log, without its clients.</summary>
internal sealed class LogStorage : IStorage
{
    private readonly string _directory;
    private readonly Taker _taker = new();
    private MessageLog _log;
    private EntityCatalog _catalog;
    private uint _taken;

    public LogStorage(string directory)
    {
        _directory = directory;
        (_log, _catalog) = Open();
        _catalog.Declare([new QueueOptions { Name = "load", LockDuration = TimeSpan.FromMinutes(5), MaxSizeInMegabytes = 81920 }], []);
        Attach();
    }

    public string Name => "log";

    private static DateTime Now => TimeProvider.System.UtcNow();

    private SubQueue Queue => _catalog.Find("load")!.Main;

    public void Send(byte[] content, Action committed)
    {
        if (Queue.Entity.Send(AmqpContent.Parse(content), Now) != SendOutcome.Accepted)
        {
            throw new InvalidOperationException("The queue did not accept the message.");
        }

        _log.Gate.Run(new Waiter(committed));
    }

    public void Complete(Action committed)
    {
        Queue.SetLimit(_taker, ++_taken, drain: false, Now);
        if (Queue.Settle(_taker.LockToken, Settlement.Complete, Now) != SettleOutcome.Done)
        {
            throw new InvalidOperationException("The queue had no message.");
        }

        _log.Gate.Run(new Waiter(committed));
    }

    public int Reopen()
    {
        Dispose();
        (_log, _catalog) = Open();
        Attach();
        return Queue.Entity.Count(Now).Active;
    }

    public void Dispose()
    {
        _catalog.Dispose();
        _log.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private (MessageLog Log, EntityCatalog Catalog) Open()
    {
        var log = MessageLog.Open(_directory, SegmentDirectory.Open, AmqpContent.Restore, TimeProvider.System, NullLogger.Instance);
        var catalog = new EntityCatalog(log.NewJournal, TimeProvider.System);
        catalog.Restore(log.TakeQueues(), log.LastQueueId);
        log.StartCleaning(catalog);
        return (log, catalog);
    }

    private void Attach() => Queue.Attach(_taker, Now);

    private sealed class Waiter(Action committed) : ICommitWaiter
    {
        public void OnCommitted() => committed();

        public void OnCommitFailed() => throw new InvalidOperationException("The log failed.");
    }

    private sealed class Taker : Consumer
    {
        public Guid LockToken { get; private set; }

        protected override void OnDelivery(in MessageSnapshot message) => LockToken = message.LockToken;

        protected override void OnDrained(uint deliveryCount)
        {
        }

        protected override void OnSessionGranted(string sessionId, DateTime lockedUntil)
        {
        }

        protected override void OnSessionWaitEnded()
        {
        }

        protected override void OnDetached(DetachReason reason) =>
            throw new InvalidOperationException($"The receiver was detached: {reason}.");
    }
}
