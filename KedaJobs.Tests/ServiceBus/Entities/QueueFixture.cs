using System.Text.Json;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Entities;

/// <summary>A queue entity without transport, a clock that moves by hand, and receivers that write down what they get.</summary>
internal sealed class QueueFixture
{
    public QueueFixture(Func<QueueOptions, QueueOptions>? configure = null, IJournal? journal = null)
    {
        var options = new QueueOptions { Name = "jobs" };
        Entity = new QueueEntity(configure?.Invoke(options) ?? options, Now, journal);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public DateTime Now => Time.UtcNow();

    public QueueEntity Entity { get; }

    public SubQueue Queue => Entity.Main;

    public MessageCounts Counts => Entity.Count(Now);

    public SendOutcome Send(string body, string? sessionId = null, TimeSpan? timeToLive = null, DateTime? due = null, string? id = null) =>
        Entity.Send(
            new TestContent(body) { Session = sessionId, Ttl = timeToLive, Due = due, Id = id ?? Guid.NewGuid().ToString("N") }, Now);

    public long[] Schedule(DateTime due, params string[] bodies)
    {
        var numbers = new long[bodies.Length];
        Assert.Equal(SendOutcome.Accepted, Entity.Send([.. bodies.Select(body => new TestContent(body) { Due = due })], numbers, Now));
        return numbers;
    }

    public TestConsumer Receive(int credit = 1, ReceiveMode mode = ReceiveMode.PeekLock, SubQueue? from = null)
    {
        var consumer = new TestConsumer { Mode = mode };
        Assert.Equal(AttachOutcome.Attached, (from ?? Queue).Attach(consumer, Now));
        consumer.Allow(credit, Now);
        return consumer;
    }

    public TestConsumer ReceiveSession(string? sessionId, int credit = 10)
    {
        var consumer = new TestConsumer();
        Assert.Equal(AttachOutcome.Attached, Queue.AttachSession(consumer, sessionId, TimeSpan.Zero, Now, out var granted, out _));
        consumer.SessionId = granted;
        consumer.Allow(credit, Now);
        return consumer;
    }

    public void Advance(TimeSpan by)
    {
        Time.Advance(by);
        Entity.Advance(Now);
    }

    public string[] Peek(string? sessionId = null) => [.. Queue.Peek(0, 1000, sessionId, Now).Select(message => message.Body())];

    public SettleOutcome Settle(MessageSnapshot message, Disposition disposition, SubQueue? at = null) =>
        (at ?? Queue).Settle(message.LockToken, new Settlement(disposition), Now);
}

/// <summary>A message that is its body, with the properties that the queue looks at.</summary>
internal sealed class TestContent(string body) : MessageContent
{
    public string Body { get; } = body;

    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    public string? Session { get; init; }

    public TimeSpan? Ttl { get; init; }

    public DateTime? Due { get; init; }

    public int? SizeInBytes { get; init; }

    public Dictionary<string, object?> Properties { get; init; } = [];

    public Dictionary<SystemProperty, string?> Texts { get; init; } = [];

    public override ReadOnlyMemory<byte> Encoded => JsonSerializer.SerializeToUtf8Bytes(new Form(Body, Id, Session, Ttl, Due, Properties));

    public override int Size => SizeInBytes ?? System.Text.Encoding.UTF8.GetByteCount(Body);

    public override string MessageId => Id;

    public override string? SessionId => Session;

    public override TimeSpan TimeToLive => Ttl ?? TimeSpan.MaxValue;

    public override DateTime? ScheduledEnqueueTime => Due;

    public override bool TryGetProperty(string name, out SqlValue value)
    {
        var found = Properties.Keys.FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
        value = found is null ? SqlValue.Unknown : SqlValue.Of(Properties[found]);
        return found is not null;
    }

    public override string? GetText(SystemProperty property) => Texts.GetValueOrDefault(property);

    /// <summary>Reads what <see cref="Encoded"/> gave.</summary>
    public static TestContent Restore(ReadOnlyMemory<byte> encoded, int size)
    {
        var form = JsonSerializer.Deserialize<Form>(encoded.Span)!;
        return new TestContent(form.Body)
        {
            Id = form.Id,
            Session = form.Session,
            Ttl = form.Ttl,
            Due = form.Due,
            SizeInBytes = size,
            Properties = form.Properties.ToDictionary(property => property.Key, property => (object?)property.Value?.ToString()),
        };
    }

    public override MessageContent WithProperties(IEnumerable<KeyValuePair<string, object?>> properties)
    {
        var merged = new Dictionary<string, object?>(Properties);
        foreach (var (name, value) in properties)
        {
            merged[name] = value;
        }

        return Copy(merged, Texts, Session);
    }

    public override MessageContent With(MessageEdit edit)
    {
        var properties = new Dictionary<string, object?>(Properties, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in edit.Properties)
        {
            if (value is null)
            {
                properties.Remove(name);
            }
            else
            {
                properties[name] = value.Value.ToObject();
            }
        }

        var texts = new Dictionary<SystemProperty, string?>(Texts);
        foreach (var (property, text) in edit.System)
        {
            texts[property] = text;
        }

        return Copy(properties, texts, edit.System.GetValueOrDefault(SystemProperty.SessionId, Session));
    }

    private TestContent Copy(Dictionary<string, object?> properties, Dictionary<SystemProperty, string?> texts, string? session) =>
        new(Body)
        {
            Id = Id,
            Session = session,
            Ttl = Ttl,
            Due = Due,
            SizeInBytes = SizeInBytes,
            Properties = properties,
            Texts = texts,
        };

    private sealed record Form(
        string Body, string Id, string? Session, TimeSpan? Ttl, DateTime? Due, Dictionary<string, object?> Properties);
}

internal sealed class TestConsumer : Consumer
{
    private uint _deliveryCount;

    public List<MessageSnapshot> Received { get; } = [];

    public int Drains { get; private set; }

    public int ReceivedBeforeDrain { get; private set; }

    public string? SessionId { get; set; }

    public bool WaitEnded { get; private set; }

    public DetachReason? Detached { get; private set; }

    public string[] Bodies => [.. Received.Select(message => message.Body())];

    public MessageSnapshot Last => Received[^1];

    /// <summary>How many more messages it has room for, whatever its credit.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Grants credit on top of what was received, or given up.</summary>
    public void Allow(int credit, DateTime now, bool drain = false) =>
        Queue!.SetLimit(this, _deliveryCount + (uint)credit, drain, now);

    /// <summary>What the receiver does with each message, while the next one is already on its way.</summary>
    public Action<TestConsumer>? Then { get; init; }

    internal override bool TryReserve(BrokerMessage message)
    {
        if (Room == 0)
        {
            return false;
        }

        Room--;
        return true;
    }

    protected override void OnDelivery(in MessageSnapshot message)
    {
        Received.Add(message);
        _deliveryCount++;
        Then?.Invoke(this);
    }

    protected override void OnDrained(uint deliveryCount)
    {
        Drains++;
        _deliveryCount = deliveryCount;
        ReceivedBeforeDrain = Received.Count;
    }

    protected override void OnSessionGranted(string sessionId, DateTime lockedUntil) => SessionId = sessionId;

    protected override void OnSessionWaitEnded() => WaitEnded = true;

    protected override void OnDetached(DetachReason reason) => Detached = reason;
}

internal static class Snapshots
{
    public static string Body(this MessageSnapshot message) => ((TestContent)message.Content).Body;

    public static object? Property(this MessageSnapshot message, string name) =>
        ((TestContent)message.Content).Properties.GetValueOrDefault(name);
}
