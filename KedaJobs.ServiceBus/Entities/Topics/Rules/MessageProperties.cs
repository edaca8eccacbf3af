using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules;

/// <summary>
/// The properties of the message that is being published. Each is read out of the encoded message once, when a rule asks for it, however
/// many rules of however many subscriptions do. One object serves all messages of a topic, one after the other.
/// </summary>
internal sealed class MessageProperties : IPropertySource
{
    private readonly Dictionary<string, (bool Exists, SqlValue Value)> _read = new(StringComparer.OrdinalIgnoreCase);
    private readonly SqlValue?[] _system = new SqlValue?[SystemProperties.Count];
    private BrokerMessage? _message;
    private bool _isSystemRead;

    public BrokerMessage Message => _message ?? throw new InvalidOperationException("No message is being published.");

    /// <summary>Begins with a message; null ends with the last one.</summary>
    public void Begin(BrokerMessage? message)
    {
        _message = message;
        _read.Clear();
        if (_isSystemRead)
        {
            Array.Clear(_system);
            _isSystemRead = false;
        }
    }

    public bool TryGet(string name, out SqlValue value)
    {
        if (!_read.TryGetValue(name, out var entry))
        {
            entry.Exists = Message.Content.TryGetProperty(name, out entry.Value);
            _read.Add(name, entry);
        }

        value = entry.Value;
        return entry.Exists;
    }

    public SqlValue Get(SystemProperty property)
    {
        _isSystemRead = true;
        return _system[(int)property] ??= Read(property, Message);
    }

    private static SqlValue Read(SystemProperty property, BrokerMessage message) => property switch
    {
        SystemProperty.MessageId => SqlValue.Of(message.Content.MessageId),
        SystemProperty.SessionId => SqlValue.Of(message.Content.SessionId),
        SystemProperty.TimeToLive => SqlValue.Of(message.Content.TimeToLive),
        SystemProperty.ScheduledEnqueueTime => message.Content.ScheduledEnqueueTime is { } due ? SqlValue.Of(due) : SqlValue.Unknown,
        SystemProperty.DeadLetterSource => SqlValue.Of(message.DeadLetterSource),
        SystemProperty.EnqueuedTime => SqlValue.Of(message.EnqueuedTime),
        SystemProperty.EnqueuedSequenceNumber => SqlValue.Of(message.EnqueuedSequenceNumber),
        _ => SqlValue.Of(message.Content.GetText(property)),
    };
}
