using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>
/// What the log has said of one queue so far. Its oldest part may be gone, so records may be about messages that nothing else is known of:
/// those are gone, or come again whole in a later record. Likewise the declaration may come after the messages.
/// </summary>
internal sealed class QueueState
{
    private readonly Dictionary<long, RestoredMessage>[] _messages = [[], [], []];
    private readonly Dictionary<string, RestoredSessionState> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RememberedId> _remembered = new(StringComparer.Ordinal);
    private RestoredDeclaration? _declaration;
    private JournalPlace _declarationPlace;
    private DateTime _createdAt;
    private DateTime _updatedAt;

    public long LastSequenceNumber { get; set; }

    public DateTime AccessedAt { get; set; }

    /// <summary>Whether the queue was deleted, or nothing is left of it but what was said in its last turn.</summary>
    public bool IsGone { get; private set; }

    public void Apply(RecordKind kind, ref RecordReader record, in JournalPlace place, ContentReader contents)
    {
        switch (kind)
        {
            case RecordKind.Queue or RecordKind.Topic or RecordKind.Subscription:
                (_createdAt, _updatedAt) = (record.Time(), record.Time());
                _declaration = Declarations.Read(kind, ref record);
                _declarationPlace = place;
                break;
            case RecordKind.QueueDeleted:
                Clear();
                IsGone = true;
                break;
            case RecordKind.Message:
                var message = Records.ReadMessage(ref record, contents, out var part);
                message.JournalPlace = place;
                MessagesOf((byte)part)[message.SequenceNumber] = new RestoredMessage(message, WasDelivering: false);
                break;
            case RecordKind.Removed:
                MessagesOf(record.Byte()).Remove(record.Int64());
                break;
            case RecordKind.Delivering:
                SetDelivering(MessagesOf(record.Byte()), record.Int64());
                break;
            case RecordKind.Changed:
                Change(MessagesOf(record.Byte()), record.Int64(), record.Int32(), (MessageState)record.Byte());
                break;
            case RecordKind.SessionState:
                SetSessionState(ref record, place);
                break;
            case RecordKind.Remembered:
                var (at, id) = (record.Time(), record.Text()!);
                _remembered[id] = new RememberedId(id, at) { JournalPlace = place };
                break;
            default:
                throw new RecordFormatException($"there is no record of kind {(byte)kind}");
        }
    }

    public RestoredQueue Finish(long id, long skippedNumbers) => new()
    {
        Id = id,
        Declaration = _declaration ?? throw new RecordFormatException($"the declaration of queue {id} is missing"),
        CreatedAt = _createdAt,
        UpdatedAt = _updatedAt,
        AccessedAt = AccessedAt,
        LastSequenceNumber = LastSequenceNumber + skippedNumbers,
        RememberedIds = [.. _remembered.Values.OrderBy(remembered => remembered.At)],
        SessionStates = [.. _sessions.Values],
        Messages = InOrder(SubQueueKind.Main),
        DeadLetters = InOrder(SubQueueKind.DeadLetter),
        TransferDeadLetters = InOrder(SubQueueKind.TransferDeadLetter),
        JournalPlace = _declarationPlace,
    };

    private Dictionary<long, RestoredMessage> MessagesOf(byte part) =>
        part < _messages.Length ? _messages[part] : throw new RecordFormatException($"a queue has no part {part}");

    private static void SetDelivering(Dictionary<long, RestoredMessage> messages, long number)
    {
        if (messages.TryGetValue(number, out var known))
        {
            messages[number] = known with { WasDelivering = true };
        }
    }

    private static void Change(Dictionary<long, RestoredMessage> messages, long number, int deliveryCount, MessageState state)
    {
        if (messages.TryGetValue(number, out var known))
        {
            (known.Message.DeliveryCount, known.Message.State) = (deliveryCount, state);
            messages[number] = known with { WasDelivering = false };
        }
    }

    private void SetSessionState(ref RecordReader record, in JournalPlace place)
    {
        var (id, lastUpdated, hasState) = (record.Text()!, record.Time(), record.Byte() != 0);
        if (hasState)
        {
            _sessions[id] = new RestoredSessionState(id, record.Rest().ToArray(), lastUpdated, place);
        }
        else
        {
            _sessions.Remove(id);
        }
    }

    private void Clear()
    {
        _declaration = null;
        foreach (var messages in _messages)
        {
            messages.Clear();
        }

        _sessions.Clear();
        _remembered.Clear();
    }

    private List<RestoredMessage> InOrder(SubQueueKind part) =>
        [.. _messages[(int)part].Values.OrderBy(restored => restored.Message.SequenceNumber)];
}
