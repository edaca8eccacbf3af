using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// A message as its sender encoded it. The bytes are kept and handed on as they are; only what the queue must know is read out, once.
/// </summary>
internal sealed class AmqpContent : MessageContent
{
    private readonly ReadOnlyMemory<byte> _encoded;
    private readonly Sections _sections;
    private readonly string? _sessionId;

    private AmqpContent(ReadOnlyMemory<byte> encoded, int size, in Sections sections, string? sessionId)
    {
        Size = size;
        _encoded = encoded;
        _sections = sections;
        _sessionId = sessionId;
    }

    public override ReadOnlyMemory<byte> Encoded => _encoded;

    /// <summary>The size as it was sent: a message at the limit stays within it when the broker adds an id.</summary>
    public override int Size { get; }

    public override string? SessionId => _sessionId;

    public override TimeSpan TimeToLive => _sections.TimeToLive;

    public override DateTime? ScheduledEnqueueTime => _sections.ScheduledEnqueueTime;

    public override string MessageId => PropertiesSection.ReadMessageId(_encoded.Span[_sections.MessageId]);

    /// <summary>The header's first fields: durable and priority (or null where the sender set none).</summary>
    internal bool? Durable => _sections.Durable;

    internal byte? Priority => _sections.Priority;

    /// <summary>The header's ttl in milliseconds, as sent.</summary>
    internal uint? HeaderTtl => _sections.HeaderTtl;

    /// <summary>The properties' creation-time, and where in <see cref="Bare"/> the value of absolute-expiry-time lies; null without either.</summary>
    internal (DateTime CreationTime, Range AbsoluteExpiryTime)? Expiry =>
        _sections.CreationTime is { } creation && _sections.AbsoluteExpiryTime.End.Value > 0
            ? (creation, (_sections.AbsoluteExpiryTime.Start.Value - _sections.BareStart)..(_sections.AbsoluteExpiryTime.End.Value - _sections.BareStart))
            : null;

    /// <summary>The sender's annotations without those that are the broker's: encoded keys and values, and how many pairs.</summary>
    internal ReadOnlySpan<byte> Annotations => _encoded.Span[_sections.Annotations];

    internal int AnnotationCount => _sections.AnnotationCount;

    /// <summary>Everything from the properties on: it is delivered as it was sent.</summary>
    internal ReadOnlySpan<byte> Bare => _encoded.Span[_sections.BareStart..];

    internal int BareLength => _encoded.Length - _sections.BareStart;

    /// <summary>Reads a message. A message without a message id gets one, because the official clients cannot settle it otherwise.</summary>
    /// <param name="encoded">The message; it must not change afterwards.</param>
    /// <exception cref="WireFormatException">The bytes are not an AMQP message.</exception>
    public static AmqpContent Parse(ReadOnlyMemory<byte> encoded)
    {
        var size = encoded.Length;
        var sections = Sections.Read(encoded.Span);
        if (sections.HasBrokerAnnotations)
        {
            encoded = AnnotationsSection.WithoutBrokerKeys(encoded.Span, sections);
            sections = Sections.Read(encoded.Span);
        }

        if (sections.MessageId.Start.Value == sections.MessageId.End.Value)
        {
            encoded = PropertiesSection.WithMessageId(encoded.Span, sections, Guid.NewGuid().ToString("N"));
            sections = Sections.Read(encoded.Span);
        }

        return new AmqpContent(encoded, size, sections, PropertiesSection.ReadText(encoded.Span[sections.GroupId]));
    }

    public override bool TryGetProperty(string name, out SqlValue value) =>
        ApplicationPropertiesSection.TryRead(_encoded.Span[_sections.ApplicationProperties], name, out value);

    public override string? GetText(SystemProperty property) => property switch
    {
        SystemProperty.PartitionKey => AnnotationsSection.ReadText(Annotations, AnnotationsSection.PartitionKey),
        SystemProperty.TransactionPartitionKey => AnnotationsSection.ReadText(Annotations, AnnotationsSection.TransactionPartitionKey),
        _ => PropertiesSection.Read(_encoded.Span[_sections.Properties], property),
    };

    public override MessageContent With(MessageEdit edit)
    {
        var edited = ApplicationPropertiesSection.With(_encoded.Span, _sections, edit.Properties);
        return Parse(edit.System.Count == 0 ? edited : PropertiesSection.With(edited, Sections.Read(edited), edit.System));
    }

    /// <summary>Reads a message that was kept: as <see cref="Encoded"/> gave it, of which the size can be another than the one that was sent.</summary>
    /// <exception cref="WireFormatException">The bytes are not an AMQP message.</exception>
    public static AmqpContent Restore(ReadOnlyMemory<byte> encoded, int size)
    {
        var sections = Sections.Read(encoded.Span);
        return new AmqpContent(encoded, size, sections, PropertiesSection.ReadText(encoded.Span[sections.GroupId]));
    }

    public override MessageContent WithProperties(IEnumerable<KeyValuePair<string, object?>> properties) =>
        Parse(ApplicationPropertiesSection.With(_encoded.Span, _sections, properties));
}
