using System.Buffers;
using KedaJobs.ServiceBus.Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>A message as it came from a client, in the bytes of the frame: whoever keeps it copies it.</summary>
internal readonly ref struct IncomingMessage
{
    /// <summary>The delivery, to be answered unless it is settled.</summary>
    public required uint DeliveryId { get; init; }

    /// <summary>The message-format.</summary>
    public required uint Format { get; init; }

    /// <summary>Whether the client wants no answer.</summary>
    public required bool Settled { get; init; }

    /// <summary>What the client says of it: whether it is part of a transaction.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>The message; empty if it is too large.</summary>
    public required ReadOnlySpan<byte> Encoded { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }
}

/// <summary>What a client sends to over a link.</summary>
internal interface IIncomingEndpoint
{
    /// <summary>How many messages a client may have on the way; it gets as much again when half of it is answered.</summary>
    int Credit { get; }

    /// <summary>The largest message that is kept, in bytes; of a larger one only the size is told.</summary>
    long MaxMessageSize { get; }

    /// <summary>Takes a message. Called on the connection's read loop, which waits for it.</summary>
    void OnMessage(in IncomingMessage message);

    /// <summary>The link has ended. Called once, without the lock of a queue or connection.</summary>
    void OnEnded();
}

/// <summary>The broker's end of a link over which a client sends.</summary>
internal sealed class IncomingLink(AmqpSession session, Attach attach) : AmqpLink(session, attach)
{
    private readonly PartialMessage _partial = new();
    private IIncomingEndpoint? _endpoint;

    // Guarded by the gate. All modulo 2^32.
    private uint _received = attach.InitialDeliveryCount;
    private uint _answered = attach.InitialDeliveryCount;
    private uint _limit = attach.InitialDeliveryCount;

    /// <summary>Attaches the link, and lets the client send.</summary>
    /// <param name="endpoint">What it sends to.</param>
    /// <param name="maxMessageSize">What the client is told about the size of messages, in bytes; 0 for no limit.</param>
    public void Complete(IIncomingEndpoint endpoint, long maxMessageSize = 0)
    {
        _endpoint = endpoint;
        if (!TryAttach((ulong)maxMessageSize, Attach.Source is null ? [] : Attach.Source.Encoded, null))
        {
            endpoint.OnEnded();
        }
    }

    /// <summary>Takes one frame of a message. Called on the connection's read loop.</summary>
    /// <exception cref="LinkErrorException">It does not follow from those before, or the client has no credit.</exception>
    /// <exception cref="ConnectionErrorException">There is too much under way.</exception>
    public void OnTransfer(in Transfer transfer, ReadOnlySpan<byte> payload)
    {
        if (State != LinkState.Attached)
        {
            return;
        }

        var endpoint = _endpoint!;
        if (!_partial.IsUnderWay)
        {
            Begin(transfer);
        }
        else if (transfer.DeliveryId is { } id && id != _partial.DeliveryId)
        {
            throw new LinkErrorException("amqp:not-allowed", "A delivery begins before the one before it on the link is complete.");
        }

        if (transfer.Aborted)
        {
            // The sender takes it back, and expects no answer.
            Connection.OnPartialBytes(-_partial.Clear());
            lock (Connection.Gate)
            {
                AnsweredUnderGate();
            }

            return;
        }

        if (!_partial.HasFrames && !transfer.More)
        {
            _partial.Clear();
            Take(endpoint, transfer, payload.Length > endpoint.MaxMessageSize ? default : payload, payload.Length);
            return;
        }

        Connection.OnPartialBytes(_partial.Add(transfer, payload, endpoint.MaxMessageSize));
        if (!transfer.More)
        {
            var message = _partial.Message;
            var size = _partial.Size;
            Connection.OnPartialBytes(-_partial.Clear());
            Take(endpoint, transfer, message, size);
        }
    }

    /// <summary>Settles a delivery.</summary>
    public void Settle(uint deliveryId, in Outcome outcome)
    {
        lock (Connection.Gate)
        {
            if (IsEnded)
            {
                return;
            }

            Session.SettleUnderGate(isReceiver: true, deliveryId, outcome);
            AnsweredUnderGate();
        }
    }

    /// <summary>Tells the client its credit.</summary>
    public void WriteFlowUnderGate()
    {
        _limit = unchecked(_answered + (uint)_endpoint!.Credit);
        Session.WriteFlowUnderGate(Handle, _received, unchecked(_limit - _received), drain: false);
    }

    protected override void OnAttachedUnderGate() => WriteFlowUnderGate();

    public override void OnForgotten() => Connection.OnPartialBytes(-_partial.Clear());

    protected override void OnEnded() => _endpoint?.OnEnded();

    private void Begin(in Transfer transfer)
    {
        if (transfer.DeliveryId is not { } deliveryId)
        {
            throw new LinkErrorException("amqp:invalid-field", "The first transfer of a delivery has no delivery-id.");
        }

        lock (Connection.Gate)
        {
            if (_received == _limit)
            {
                throw new LinkErrorException(
                    "amqp:link:transfer-limit-exceeded", "A message came when the link had no credit: wait for a flow.");
            }

            _received++;
        }

        _partial.Begin(deliveryId, transfer);
    }

    private void Take(IIncomingEndpoint endpoint, in Transfer transfer, ReadOnlySpan<byte> message, long size)
    {
        var incoming = new IncomingMessage
        {
            DeliveryId = _partial.DeliveryId,
            Format = _partial.Format,
            Settled = transfer.Settled ?? _partial.Settled,
            State = transfer.State.IsGiven ? transfer.State : _partial.State,
            Encoded = message,
            Size = size,
        };
        if (incoming.Settled)
        {
            lock (Connection.Gate)
            {
                AnsweredUnderGate();
            }
        }

        endpoint.OnMessage(incoming);
    }

    private void AnsweredUnderGate()
    {
        _answered++;
        if (State == LinkState.Attached && unchecked((int)(_answered + (uint)_endpoint!.Credit - _limit)) >= _endpoint.Credit / 2)
        {
            WriteFlowUnderGate();
        }
    }

    /// <summary>The delivery that is under way, and what has come of a message in several frames.</summary>
    private sealed class PartialMessage
    {
        private ArrayBufferWriter<byte>? _bytes;

        public bool IsUnderWay { get; private set; }

        public bool HasFrames { get; private set; }

        public uint DeliveryId { get; private set; }

        public uint Format { get; private set; }

        public bool Settled { get; private set; }

        public DeliveryState State { get; private set; }

        public long Size { get; private set; }

        public ReadOnlySpan<byte> Message => _bytes is null ? default : _bytes.WrittenSpan;

        public void Begin(uint deliveryId, in Transfer transfer)
        {
            (IsUnderWay, DeliveryId, Format) = (true, deliveryId, transfer.MessageFormat ?? 0);
            (Settled, State) = (transfer.Settled ?? false, transfer.State);
        }

        /// <returns>How many bytes more are kept.</returns>
        public int Add(in Transfer transfer, ReadOnlySpan<byte> payload, long maxSize)
        {
            HasFrames = true;
            Settled |= transfer.Settled ?? false;
            Size += payload.Length;
            if (Size > maxSize)
            {
                var dropped = _bytes?.WrittenCount ?? 0;
                _bytes = null;
                return -dropped;
            }

            _bytes ??= new ArrayBufferWriter<byte>();
            _bytes.Write(payload);
            return payload.Length;
        }

        /// <returns>How many bytes were kept.</returns>
        public int Clear()
        {
            var kept = _bytes?.WrittenCount ?? 0;
            (_bytes, IsUnderWay, HasFrames, Size) = (null, false, false, 0);
            return kept;
        }
    }
}
