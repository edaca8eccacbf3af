using System.Text;
using System.Text.Json;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.Tests.ServiceBus.Entities;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Durability;

/// <summary>A catalog on a log in memory, with a clock that moves by hand.</summary>
internal sealed class DurableQueue : IAsyncDisposable
{
    public DurableQueue(MemorySegments? disk = null, LogLimits? limits = null, FakeTimeProvider? time = null, params QueueOptions[] queues)
        : this(disk, limits, time, queues, [])
    {
    }

    public DurableQueue(
        MemorySegments? disk, LogLimits? limits, FakeTimeProvider? time, QueueOptions[] queues, params TopicOptions[] topics)
    {
        Disk = disk ?? new MemorySegments();
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Log = MessageLog.Open(Disk, limits ?? new LogLimits(), TestContent.Restore, Time, NullLogger.Instance);
        Catalog = new EntityCatalog(Log.NewJournal, Time, Log.NewTransaction);
        Catalog.Restore(Log.TakeQueues(), Log.LastQueueId);
        Assert.Empty(Catalog.Declare(queues, topics));
    }

    public MemorySegments Disk { get; }

    public FakeTimeProvider Time { get; }

    public MessageLog Log { get; }

    public EntityCatalog Catalog { get; }

    public DateTime Now => Time.UtcNow();

    public QueueEntity Entity => Catalog.Find("jobs")!;

    public SubQueue Queue => Entity.Main;

    /// <summary>How long the log is, over all segments, written or not.</summary>
    public long Length => ((LogWriter)Log.Gate).Inspect(segments => segments.All.Sum(segment => segment.Length));

    public SendOutcome Send(string body, string? id = null, string? session = null) =>
        Entity.Send(new TestContent(body) { Id = id ?? body, Session = session }, Now);

    public TestConsumer Receive(int credit = 1, ReceiveMode mode = ReceiveMode.PeekLock, SubQueue? from = null)
    {
        var consumer = new TestConsumer { Mode = mode };
        Assert.Equal(AttachOutcome.Attached, (from ?? Queue).Attach(consumer, Now));
        consumer.Allow(credit, Now);
        (from ?? Queue).Detach(consumer, Now);
        return consumer;
    }

    /// <summary>Another broker on what is on disk when everything noted so far is: a crash and a start.</summary>
    public async Task<DurableQueue> CrashAsync()
    {
        await Log.Gate.WaitAsync();
        return new DurableQueue(new MemorySegments(Disk.Copy()), time: Time);
    }

    public async ValueTask DisposeAsync()
    {
        Catalog.Dispose();
        await Log.DisposeAsync();
    }

    /// <summary>Everything about a queue that must survive.</summary>
    /// <param name="entity">The queue.</param>
    /// <param name="afterCrash">What a crash now makes of it: locks are lost, which counts as an attempt.</param>
    /// <param name="now">The time.</param>
    public static string Describe(QueueEntity entity, bool afterCrash, DateTime now)
    {
        // Alone: the cleaner forgets old ids.
        using var turn = entity.Begin(now);
        var text = new StringBuilder().AppendLine($"{JsonSerializer.Serialize(entity.Options)} {entity.CreatedAt:u} {entity.UpdatedAt:u}");
        foreach (var part in (SubQueue[])[entity.Main, entity.DeadLetter, entity.TransferDeadLetter])
        {
            foreach (var message in part.Messages)
            {
                var isLost = afterCrash && message.Place == MessagePlace.Locked;
                if (isLost && message.ExpiresAt <= now && message.State != MessageState.Deferred)
                {
                    continue;
                }

                var content = (TestContent)message.Content;
                text.AppendLine(
                    $"{part.Kind} {message.SequenceNumber} {message.EnqueuedSequenceNumber} {message.EnqueuedTime:u} {message.ExpiresAt:u} "
                        + $"{message.DeliveryCount + (isLost ? 1 : 0)} {message.State} {message.Hops} {message.DeadLetterSource} "
                        + $"{content.Size} {content.Body} {content.Id} "
                        + $"{content.Session} {content.Ttl} {content.Due} "
                        + $"{string.Join(',', content.Properties.OrderBy(property => property.Key))}");
            }
        }

        foreach (var session in entity.Main.Sessions.Where(session => session.State is not null)
            .OrderBy(session => session.Id, StringComparer.Ordinal))
        {
            text.AppendLine($"session {session.Id} {Convert.ToHexString(session.State!)} {session.LastUpdated:u}");
        }

        // Those that are out of the window go with the next arrival; of one moment, any order is as good.
        var window = entity.Options.DuplicateDetectionHistoryTimeWindow;
        foreach (var id in (entity.History?.Entries ?? []).Where(id => now - id.At < window).OrderBy(id => id.At).ThenBy(id => id.Id))
        {
            text.AppendLine($"remembered {id.Id} {id.At:u}");
        }

        return text.ToString();
    }
}
