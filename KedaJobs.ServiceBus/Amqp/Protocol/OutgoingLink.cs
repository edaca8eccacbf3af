using System.Buffers;
using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>What a client receives from over a link.</summary>
internal interface IOutgoingEndpoint
{
    /// <summary>
    /// The client says what it is ready to take. Called on the connection's read loop or by whoever attaches the link,
    /// without the lock of a queue or connection.
    /// </summary>
    void OnFlow(in Flow flow);

    /// <summary>The client says what becomes of a delivery. Called on the connection's read loop.</summary>
    void OnDisposition(uint deliveryId, Guid token, in DeliveryState state, bool settled);

    /// <summary>
    /// There may be room again for what <see cref="OutgoingLink.TryReserve"/> refused. Called without the lock of a queue or connection.
    /// </summary>
    void OnRoom();

    /// <summary>The link has ended. Called once, without the lock of a queue or connection.</summary>
    void OnEnded();
}

/// <summary>The broker's end of a link over which a client receives.</summary>
internal sealed class OutgoingLink(AmqpSession session, Attach attach) : AmqpLink(session, attach)
{
    private volatile IOutgoingEndpoint? _endpoint;

    // Guarded by the gate.
    private uint _deliveryCount;
    private Flow? _lastFlow;

    /// <summary>Whether deliveries are settled when they are sent.</summary>
    public bool SettlesOnSend => Attach.SenderSettleMode == Attach.SettledMode;

    /// <summary>What the client receives from; null until that is decided.</summary>
    public IOutgoingEndpoint? Endpoint => _endpoint;

    /// <summary>Says what the client receives from, though the link is not attached yet.</summary>
    public void Await(IOutgoingEndpoint endpoint) => _endpoint = endpoint;

    /// <summary>Attaches the link.</summary>
    /// <param name="endpoint">What the client receives from.</param>
    /// <param name="maxMessageSize">What the client is told about the size of messages, in bytes; 0 for no limit.</param>
    /// <param name="source">The source that the answer names, encoded; null for the one that the client asked for.</param>
    /// <param name="properties">The link's properties, or null.</param>
    public void Complete(IOutgoingEndpoint endpoint, long maxMessageSize = 0, byte[]? source = null, AmqpMap? properties = null)
    {
        _endpoint = endpoint;
        if (!TryAttach((ulong)maxMessageSize, source ?? (Attach.Source is null ? [] : Attach.Source.Encoded), properties))
        {
            endpoint.OnEnded();
            return;
        }

        // Credit may have come before the answer.
        Flow? early;
        lock (Connection.Gate)
        {
            early = _lastFlow;
        }

        if (early is { } flow)
        {
            endpoint.OnFlow(flow);
        }

        Connection.Output.Flush();
    }

    /// <summary>The client's flow about this link. Called on the connection's read loop.</summary>
    public void OnFlow(in Flow flow)
    {
        lock (Connection.Gate)
        {
            if (IsEnded)
            {
                return;
            }

            _lastFlow = flow;
            if (State == LinkState.AttachReceived)
            {
                return;
            }
        }

        _endpoint!.OnFlow(flow);
        if (flow.Echo)
        {
            lock (Connection.Gate)
            {
                var credit = Math.Max(0, unchecked((int)(flow.Limit - _deliveryCount)));
                Session.WriteFlowUnderGate(Handle, _deliveryCount, (uint)credit, flow.Drain);
            }
        }
    }

    public void OnDisposition(uint deliveryId, Guid token, in DeliveryState state, bool settled) =>
        _endpoint!.OnDisposition(deliveryId, token, state, settled);

    public void OnRoom() => _endpoint?.OnRoom();

    /// <summary>
    /// Sets room aside for a message: in the window of the client's session, and among what may wait for the connection. If there is none,
    /// the endpoint is told when there may be again. May be called under a queue's lock.
    /// </summary>
    /// <param name="size">The most that the message can take, in bytes.</param>
    /// <returns>
    /// Whether there is room. Then the message must come, by <see cref="TrySend(in MessageSnapshot, int)"/> or
    /// <see cref="Unreserve"/>, with the same size.
    /// </returns>
    public bool TryReserve(int size)
    {
        lock (Connection.Gate)
        {
            return Session.TryReserveUnderGate(this, size);
        }
    }

    /// <summary>Gives up what <see cref="TryReserve"/> set aside.</summary>
    public void Unreserve(int size)
    {
        lock (Connection.Gate)
        {
            Session.UnreserveUnderGate(size);
        }
    }

    /// <summary>Sends a message that a queue gave to the client. It is on its way with the next flush.</summary>
    /// <param name="message">The message.</param>
    /// <param name="size">What was reserved.</param>
    /// <returns>False if the link has ended.</returns>
    public bool TrySend(in MessageSnapshot message, int size)
    {
        lock (Connection.Gate)
        {
            Session.UnreserveUnderGate(size);
            if (State != LinkState.Attached || !Connection.CanWrite)
            {
                return false;
            }

            _deliveryCount++;
            Span<byte> tag = stackalloc byte[16];
            message.LockToken.TryWriteBytes(tag);
            var transfer = BeginDeliveryUnderGate(message.LockToken);
            if (size <= Session.MaxPayload)
            {
                var frame = Session.BeginTransferUnderGate(transfer, tag, size, out var head);
                Session.EndTransferUnderGate(head + DeliveryEncoder.Encode(message, frame[head..]));
                return true;
            }

            var encoded = ArrayPool<byte>.Shared.Rent(size);
            Session.WriteTransfersUnderGate(this, transfer, tag, encoded.AsSpan(0, DeliveryEncoder.Encode(message, encoded)));
            ArrayPool<byte>.Shared.Return(encoded);
            return true;
        }
    }

    /// <summary>Sends an encoded message. It is on its way with the next flush.</summary>
    /// <param name="encoded">The message.</param>
    /// <returns>False if the link has ended.</returns>
    public bool TrySend(ReadOnlySpan<byte> encoded)
    {
        lock (Connection.Gate)
        {
            Session.UnreserveUnderGate(encoded.Length);
            if (State != LinkState.Attached || !Connection.CanWrite)
            {
                return false;
            }

            var tag = BitConverter.GetBytes(_deliveryCount++);
            Session.WriteTransfersUnderGate(this, BeginDeliveryUnderGate(Guid.Empty), tag, encoded);
            return true;
        }
    }

    /// <summary>Answers a disposition that is part of a transaction: the delivery stays unsettled.</summary>
    public void Answer(uint deliveryId, Guid token, in Outcome outcome)
    {
        lock (Connection.Gate)
        {
            if (!IsEnded)
            {
                Session.AnswerUnderGate(this, deliveryId, token, outcome);
            }
        }
    }

    /// <summary>Settles a delivery, as the answer to a disposition.</summary>
    public void Settle(uint deliveryId, in Outcome outcome)
    {
        lock (Connection.Gate)
        {
            if (!IsEnded)
            {
                Session.SettleUnderGate(isReceiver: false, deliveryId, outcome);
            }
        }
    }

    /// <summary>
    /// Answers a drain. Both official clients take the answer from this flow: credit 0, drain set, and the
    /// delivery count that all credit is used up with.
    /// </summary>
    public void Drained(uint deliveryCount)
    {
        lock (Connection.Gate)
        {
            if (State == LinkState.Attached && Connection.CanWrite)
            {
                _deliveryCount = deliveryCount;
                Session.WriteFlowUnderGate(Handle, deliveryCount, 0, drain: true);
            }
        }
    }

    protected override void OnEndedUnderGate() => Session.ForgetUnderGate(this);

    protected override void OnEnded() => _endpoint?.OnEnded();

    private Transfer BeginDeliveryUnderGate(Guid token) => new()
    {
        Handle = Handle,
        DeliveryId = Session.NextDeliveryIdUnderGate(this, token, SettlesOnSend),
        Settled = SettlesOnSend,
    };
}
