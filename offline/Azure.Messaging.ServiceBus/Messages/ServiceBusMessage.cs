namespace Azure.Messaging.ServiceBus;

public class ServiceBusMessage
{
    /// <summary>Message, session and partition ids are limited to this many characters.</summary>
    private const int MaxIdLength = 128;
    private string _messageId;
    private string _sessionId;
    private string _replyToSessionId;
    private string _partitionKey;
    private string _transactionPartitionKey;
    private TimeSpan _timeToLive = TimeSpan.MaxValue;

    public ServiceBusMessage()
        : this(ReadOnlyMemory<byte>.Empty)
    {
    }

    public ServiceBusMessage(string body)
        : this(new BinaryData(body))
    {
    }

    public ServiceBusMessage(ReadOnlyMemory<byte> body)
        : this(new BinaryData(body))
    {
    }

    public ServiceBusMessage(BinaryData body)
    {
        ArgumentNullException.ThrowIfNull(body);
        RawBody = MessageBody.FromData(body.ToMemory());
    }

    /// <summary>A new message like a received one, without what the service or a settlement put there.</summary>
    public ServiceBusMessage(ServiceBusReceivedMessage receivedMessage)
    {
        ArgumentNullException.ThrowIfNull(receivedMessage);
        RawBody = receivedMessage.RawBody;
        _messageId = receivedMessage.MessageId;
        _sessionId = receivedMessage.SessionId;
        _replyToSessionId = receivedMessage.ReplyToSessionId;
        _partitionKey = receivedMessage.PartitionKey;
        _transactionPartitionKey = receivedMessage.TransactionPartitionKey;
        _timeToLive = receivedMessage.TimeToLive;
        CorrelationId = receivedMessage.CorrelationId;
        Subject = receivedMessage.Subject;
        To = receivedMessage.To;
        ContentType = receivedMessage.ContentType;
        ReplyTo = receivedMessage.ReplyTo;
        ScheduledEnqueueTime = receivedMessage.ScheduledEnqueueTime;
        foreach (var (key, value) in receivedMessage.ApplicationProperties)
        {
            if (key is not (WellKnown.DeadLetterReason or WellKnown.DeadLetterErrorDescription))
            {
                ApplicationProperties[key] = value;
            }
        }
    }

    public BinaryData Body
    {
        get => RawBody.ToBinaryData();
        set => RawBody = MessageBody.FromData((value ?? throw new ArgumentNullException(nameof(value))).ToMemory());
    }

    public string MessageId
    {
        get => _messageId;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            _messageId = Limited(value, nameof(value));
        }
    }

    public string PartitionKey
    {
        get => _partitionKey;
        set
        {
            Limited(value, nameof(value));
            if (_sessionId is not null && value is not null && value != _sessionId)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A message with a session has that session's id as its partition key.");
            }

            _partitionKey = value;
        }
    }

    public string TransactionPartitionKey
    {
        get => _transactionPartitionKey;
        set => _transactionPartitionKey = Limited(value, nameof(value));
    }

    public string SessionId
    {
        get => _sessionId;
        set
        {
            _sessionId = Limited(value, nameof(value));
            if (_partitionKey is not null && value is not null)
            {
                _partitionKey = value;
            }
        }
    }

    public string ReplyToSessionId
    {
        get => _replyToSessionId;
        set => _replyToSessionId = Limited(value, nameof(value));
    }

    public TimeSpan TimeToLive
    {
        get => _timeToLive;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _timeToLive = value;
        }
    }

    public string CorrelationId { get; set; }

    public string Subject { get; set; }

    public string To { get; set; }

    public string ContentType { get; set; }

    public string ReplyTo { get; set; }

    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>();

    internal MessageBody RawBody { get; private set; }

    public override string ToString() => $"{{MessageId:{MessageId}}}";

    private static string Limited(string value, string name) => value is { Length: > MaxIdLength }
        ? throw new ArgumentOutOfRangeException(name, value, $"The id is longer than {MaxIdLength} characters.")
        : value;
}
