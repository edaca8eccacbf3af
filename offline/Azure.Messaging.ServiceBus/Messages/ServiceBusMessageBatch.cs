using Amqp;
using Amqp.Framing;
using Azure.Messaging.ServiceBus.Diagnostics;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

public class CreateMessageBatchOptions
{
    private long? _maxSizeInBytes;

    public long? MaxSizeInBytes
    {
        get => _maxSizeInBytes;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value ?? 1, 1, nameof(value));
            _maxSizeInBytes = value;
        }
    }
}

public sealed class ServiceBusMessageBatch : IDisposable
{
    private readonly object _gate = new();
    private readonly IBatchStore _store;
    private bool _sending;

    internal ServiceBusMessageBatch(long maxSizeInBytes, IBatchStore store)
    {
        MaxSizeInBytes = maxSizeInBytes;
        _store = store;
    }

    public long MaxSizeInBytes { get; }

    public long SizeInBytes => _store.SizeInBytes;

    public int Count => _store.Count;

    internal IBatchStore Store => _store;

    public bool TryAddMessage(ServiceBusMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_gate)
        {
            if (_sending)
            {
                throw new InvalidOperationException("The batch is being sent: messages can be added again when that has ended.");
            }

            return _store.TryAdd(message, MaxSizeInBytes);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_sending)
            {
                throw new InvalidOperationException("The batch is being sent: it can be disposed when that has ended.");
            }

            _store.Clear();
        }
    }

    internal void Lock()
    {
        lock (_gate)
        {
            _sending = true;
        }
    }

    internal void Unlock()
    {
        lock (_gate)
        {
            _sending = false;
        }
    }
}

internal interface IBatchStore
{
    int Count { get; }

    long SizeInBytes { get; }

    bool TryAdd(ServiceBusMessage message, long maxSizeInBytes);

    void Clear();
}

/// <summary>What a test fills and looks at.</summary>
internal sealed class ListedMessages(long sizeInBytes, IList<ServiceBusMessage> messages, Func<ServiceBusMessage, bool> tryAdd) : IBatchStore
{
    public int Count => messages.Count;

    public long SizeInBytes => sizeInBytes;

    public bool TryAdd(ServiceBusMessage message, long maxSizeInBytes)
    {
        if (!tryAdd(message))
        {
            return false;
        }

        messages.Add(message);
        return true;
    }

    public void Clear() => messages.Clear();
}

/// <summary>Encodes each message when it is added, so that the size is what will travel and nothing is encoded twice.</summary>
internal sealed class EncodedMessages(MessagingInstrumentation instrumentation) : IBatchStore
{
    private readonly List<Data> _messages = [];
    private readonly List<string> _traceParents = [];
    private Message _first;
    private long _envelopeSize;
    private long _bodySize;

    public int Count => _messages.Count;

    public long SizeInBytes => _envelopeSize + _bodySize;

    public IReadOnlyList<string> TraceParents => _traceParents;

    public bool TryAdd(ServiceBusMessage message, long maxSizeInBytes)
    {
        instrumentation.Stamp(message);
        var encoded = MessageConverter.ToAmqp(message);
        var bytes = encoded.Encode();
        var envelope = _first is null ? MessageConverter.EnvelopeSize(encoded) : _envelopeSize;
        var size = MessageConverter.DataSectionSize(bytes.Length);
        if (envelope + _bodySize + size > maxSizeInBytes)
        {
            return false;
        }

        _first ??= encoded;
        _envelopeSize = envelope;
        _bodySize += size;
        _messages.Add(new Data { Buffer = bytes });
        _traceParents.Add(MessagingInstrumentation.TraceParentOf(message.ApplicationProperties));
        return true;
    }

    /// <summary>The message itself when there is one, else a batch of them.</summary>
    public Message ToAmqp() => _messages.Count == 1 ? _first : MessageConverter.ToBatch(_first, _messages);

    public void Clear()
    {
        _messages.Clear();
        _traceParents.Clear();
        _first = null;
        _envelopeSize = _bodySize = 0;
    }
}
