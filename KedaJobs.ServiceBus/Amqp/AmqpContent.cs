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
    private readonly string? _sessionId;

    // What is needed for each delivery, or for each rule. The rest of what the sections say is read again where it is asked for: there are
    // many messages, and few of them have a schedule or expire.
    private readonly TimeSpan _timeToLive;
    private readonly Range _annotations;
    private readonly Range _properties;
    private readonly Range _applicationProperties;
    private readonly int _annotationCount;
    private readonly int _bareStart;
    private readonly uint _headerTtl;
    private readonly Traits _traits;
    private readonly byte _priority;

    private AmqpContent(ReadOnlyMemory<byte> encoded, int size, in Sections sections)
    {
        Size = size;
        _encoded = encoded;
        _sessionId = PropertiesSection.ReadText(encoded.Span[sections.GroupId]);
        _timeToLive = sections.TimeToLive;
        (_annotations, _annotationCount) = (sections.Annotations, sections.AnnotationCount);
        (_bareStart, _properties, _applicationProperties) = (sections.BareStart, sections.Properties, sections.ApplicationProperties);
        (_headerTtl, _priority) = (sections.HeaderTtl ?? 0, sections.Priority ?? 0);
        _traits = (sections.Durable is null ? 0 : Traits.HasDurable)
            | (sections.Durable == true ? Traits.IsDurable : 0)
            | (sections.Priority is null ? 0 : Traits.HasPriority)
            | (sections.HeaderTtl is null ? 0 : Traits.HasHeaderTtl)
            | (sections.ScheduledEnqueueTime is null ? 0 : Traits.IsScheduled)
            | (sections.CreationTime is null || sections.AbsoluteExpiryTime.End.Value == 0 ? 0 : Traits.HasExpiry)
            | (sections.IsFirstAcquirer ? Traits.IsFirstAcquirer : 0)
            | (sections.DeliveryAnnotations.Start.Value == sections.DeliveryAnnotations.End.Value ? 0 : Traits.HasDeliveryAnnotations);
    }

    [Flags]
    private enum Traits : byte
    {
        HasDurable = 1,
        IsDurable = 2,
        HasPriority = 4,
        HasHeaderTtl = 8,
        IsScheduled = 16,
        HasExpiry = 32,
        IsFirstAcquirer = 64,
        HasDeliveryAnnotations = 128,
    }

    public override ReadOnlyMemory<byte> Encoded => _encoded;

    /// <summary>The size as it was sent: a message at the limit stays within it when the broker adds an id.</summary>
    public override int Size { get; }

    public override string? SessionId => _sessionId;

    public override TimeSpan TimeToLive => _timeToLive;

    public override DateTime? ScheduledEnqueueTime => Has(Traits.IsScheduled) ? ReadSections().ScheduledEnqueueTime : null;

    public override string MessageId => PropertiesSection.ReadMessageId(_encoded.Span[ReadSections().MessageId]);

    /// <summary>The header's first fields: durable and priority (or null where the sender set none).</summary>
    internal bool? Durable => Has(Traits.HasDurable) ? Has(Traits.IsDurable) : null;

    internal byte? Priority => Has(Traits.HasPriority) ? _priority : null;

    /// <summary>The header's ttl in milliseconds, as sent.</summary>
    internal uint? HeaderTtl => Has(Traits.HasHeaderTtl) ? _headerTtl : null;

    /// <summary>Whether the header says that nobody has acquired the message before.</summary>
    internal bool IsFirstAcquirer => Has(Traits.IsFirstAcquirer);

    /// <summary>Whether the properties say when the message was created and when it expires.</summary>
    internal bool HasExpiry => Has(Traits.HasExpiry);

    /// <summary>
    /// The properties' creation-time, and where in <see cref="Bare"/> the value of absolute-expiry-time lies; null without either.
    /// </summary>
    internal (DateTime CreationTime, Range AbsoluteExpiryTime)? Expiry =>
        Has(Traits.HasExpiry) && ReadSections() is { CreationTime: { } creation, AbsoluteExpiryTime: var expiry }
            ? (creation, (expiry.Start.Value - _bareStart)..(expiry.End.Value - _bareStart))
            : null;

    /// <summary>The sender's delivery annotations: encoded keys and values. Few messages have some.</summary>
    internal ReadOnlySpan<byte> DeliveryAnnotations =>
        Has(Traits.HasDeliveryAnnotations) ? _encoded.Span[ReadSections().DeliveryAnnotations] : [];

    /// <summary>The sender's annotations without those that are the broker's: encoded keys and values, and how many pairs.</summary>
    internal ReadOnlySpan<byte> Annotations => _encoded.Span[_annotations];

    internal int AnnotationCount => _annotationCount;

    /// <summary>Everything from the properties on: it is delivered as it was sent.</summary>
    internal ReadOnlySpan<byte> Bare => _encoded.Span[_bareStart..];

    /// <summary>Where in <see cref="Bare"/> the properties section lies.</summary>
    internal Range PropertiesInBare => (_properties.Start.Value - _bareStart)..(_properties.End.Value - _bareStart);

    internal int BareLength => _encoded.Length - _bareStart;

    /// <summary>
    /// Reads a message. A message without a message id gets one, because the official clients cannot settle it otherwise.
    /// </summary>
    /// <param name="sent">The message. It is copied.</param>
    /// <exception cref="WireFormatException">The bytes are not an AMQP message.</exception>
    public static AmqpContent Parse(ReadOnlySpan<byte> sent)
    {
        var sections = Sections.Read(sent);
        var kept = sent;
        if (sections.HasBrokerAnnotations)
        {
            kept = AnnotationsSection.WithoutBrokerKeys(sent, sections);
            sections = Sections.Read(kept);
        }

        if (sections.MessageId.Start.Value != sections.MessageId.End.Value)
        {
            return new AmqpContent(kept.ToArray(), sent.Length, sections);
        }

        var encoded = PropertiesSection.WithMessageId(kept, sections, MessageIds.Next());
        return new AmqpContent(encoded, sent.Length, Sections.Read(encoded.Span));
    }

    public override bool TryGetProperty(string name, out SqlValue value) =>
        ApplicationPropertiesSection.TryRead(_encoded.Span[_applicationProperties], name, out value);

    public override string? GetText(SystemProperty property) => property switch
    {
        SystemProperty.PartitionKey => AnnotationsSection.ReadText(Annotations, AnnotationsSection.PartitionKey),
        SystemProperty.TransactionPartitionKey => AnnotationsSection.ReadText(Annotations, AnnotationsSection.TransactionPartitionKey),
        _ => PropertiesSection.Read(_encoded.Span[_properties], property),
    };

    public override MessageContent With(MessageEdit edit)
    {
        var edited = ApplicationPropertiesSection.With(_encoded.Span, ReadSections(), edit.Properties);
        return Parse(edit.System.Count == 0 ? edited : PropertiesSection.With(edited, Sections.Read(edited), edit.System));
    }

    /// <summary>
    /// Reads a message that was kept: as <see cref="Encoded"/> gave it, of which the size can be another than the one that was sent.
    /// </summary>
    /// <exception cref="WireFormatException">The bytes are not an AMQP message.</exception>
    public static AmqpContent Restore(ReadOnlyMemory<byte> encoded, int size) => new(encoded, size, Sections.Read(encoded.Span));

    public override MessageContent WithProperties(IEnumerable<KeyValuePair<string, object?>> properties) =>
        Parse(ApplicationPropertiesSection.With(_encoded.Span, ReadSections(), properties));

    private bool Has(Traits trait) => (_traits & trait) != 0;

    private Sections ReadSections() => Sections.Read(_encoded.Span);
}
