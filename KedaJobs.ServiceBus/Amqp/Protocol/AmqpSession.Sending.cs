using KedaJobs.ServiceBus.Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>What goes to the client over a session, from whatever thread: all of it under the connection's gate.</summary>
internal sealed partial class AmqpSession
{
    private readonly Dictionary<uint, UnsettledDelivery> _unsettled = [];
    private readonly HashSet<OutgoingLink> _waitingForWindow = [];
    private readonly Queue<PendingFrame> _pending = new();

    // Modulo 2^32: the next transfer, and the one at which the client's window ends.
    private uint _nextOutgoingId;
    private uint _outgoingLimit;
    private uint _nextDeliveryId;
    private int _reserved;

    /// <summary>The most that a frame has room for behind a transfer's head, in bytes.</summary>
    public int MaxPayload => Connection.PeerMaxFrameSize - FrameReader.HeaderLength - Transfer.MaxHead;

    /// <summary>How many transfers the client's window lets out beyond those that are on their way.</summary>
    private int Window => unchecked((int)(_outgoingLimit - _nextOutgoingId)) - _reserved - _pending.Count;

    /// <summary>Writes a performative as a frame of this session.</summary>
    public void WriteUnderGate(ReadOnlySpan<byte> performative)
    {
        Connection.Output.WriteAcceptedUnderGate();
        performative.CopyTo(Connection.Output.BeginFrameUnderGate(Channel, performative.Length));
        Connection.Output.EndFrameUnderGate(performative.Length);
    }

    /// <summary>Tells the client the state of the session, and opens its window again.</summary>
    public void WriteFlowUnderGate() => WriteUnderGate(SessionFlow());

    /// <summary>Tells the client the state of a link, and of the session.</summary>
    public void WriteFlowUnderGate(uint handle, uint deliveryCount, uint linkCredit, bool drain) =>
        WriteUnderGate(SessionFlow() with { Handle = handle, DeliveryCount = deliveryCount, LinkCredit = linkCredit, Drain = drain });

    /// <summary>Answers a delivery, of either direction.</summary>
    public void SettleUnderGate(bool isReceiver, uint deliveryId, in Outcome outcome)
    {
        if (!Connection.CanWrite)
        {
            return;
        }

        if (!isReceiver)
        {
            // Of a transaction that was committed; any other was taken off when the client settled it.
            _unsettled.Remove(deliveryId);
        }

        if (outcome.IsAcceptance)
        {
            Connection.AcceptUnderGate(Channel, isReceiver, deliveryId);
            return;
        }

        if (isReceiver && outcome.Kind != OutcomeKind.Accepted)
        {
            // Told first, and settled then: the .NET client (Microsoft.Azure.Amqp, AmqpLink.SendDelivery) takes a delivery for accepted
            // that is settled before the thread that sent it goes on, and a broker on the same machine is that fast.
            WriteDispositionUnderGate(isReceiver, deliveryId, outcome, isSettled: false);
        }

        WriteDispositionUnderGate(isReceiver, deliveryId, outcome, isSettled: true);
    }

    /// <summary>Says what becomes of a delivery of the broker's when its transaction is committed; until then it is unsettled.</summary>
    public void AnswerUnderGate(OutgoingLink link, uint deliveryId, Guid token, in Outcome outcome)
    {
        if (Connection.CanWrite)
        {
            _unsettled[deliveryId] = new UnsettledDelivery(link, token);
            WriteDispositionUnderGate(isReceiver: false, deliveryId, outcome, isSettled: false);
        }
    }

    /// <summary>Sets aside room for a message; if there is none, the link is told later.</summary>
    public bool TryReserveUnderGate(OutgoingLink link, int size)
    {
        if (link.IsEnded || !Connection.CanWrite)
        {
            return false;
        }

        // One message may go beyond the window with what does not fit: else one with more frames than
        // the client ever allows would never come.
        if (Window <= 0)
        {
            _waitingForWindow.Add(link);
            return false;
        }

        if (!Connection.TryReserveUnderGate(link, size))
        {
            return false;
        }

        _reserved += FramesOf(size);
        return true;
    }

    public void UnreserveUnderGate(int size)
    {
        _reserved -= FramesOf(size);
        Connection.UnreserveUnderGate(size);
    }

    public uint NextDeliveryIdUnderGate(OutgoingLink link, Guid token, bool isSettled)
    {
        var id = _nextDeliveryId++;
        if (!isSettled)
        {
            _unsettled.Add(id, new UnsettledDelivery(link, token));
        }

        return id;
    }

    /// <summary>Begins the only frame of a delivery.</summary>
    /// <param name="transfer">Its performative.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="size">The most that its message can take, in bytes.</param>
    /// <param name="head">Where in the returned room the message begins.</param>
    public Span<byte> BeginTransferUnderGate(in Transfer transfer, ReadOnlySpan<byte> tag, int size, out int head)
    {
        var frame = Connection.Output.BeginFrameUnderGate(Channel, Transfer.MaxHead + size);
        var writer = new WireWriter(frame);
        transfer.Write(ref writer, tag);
        head = writer.Position;
        return frame;
    }

    /// <summary>Ends the frame, which is as long as that behind its header.</summary>
    public void EndTransferUnderGate(int length)
    {
        Connection.Output.EndFrameUnderGate(length);
        _nextOutgoingId++;
    }

    /// <summary>Writes a message in as many frames as it takes. What the client's window does not let out goes when it does.</summary>
    public void WriteTransfersUnderGate(OutgoingLink link, in Transfer transfer, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> message)
    {
        do
        {
            var payload = message[..Math.Min(message.Length, MaxPayload)];
            message = message[payload.Length..];
            var part = transfer with { More = !message.IsEmpty };
            if (_pending.Count == 0 && unchecked((int)(_outgoingLimit - _nextOutgoingId)) > 0)
            {
                var frame = BeginTransferUnderGate(part, tag, payload.Length, out var head);
                payload.CopyTo(frame[head..]);
                EndTransferUnderGate(head + payload.Length);
                continue;
            }

            var writer = WireWriter.Growing(Transfer.MaxHead + payload.Length);
            part.Write(ref writer, tag);
            writer.Raw(payload);
            _pending.Enqueue(new PendingFrame(link, writer.Written.ToArray()));
            Connection.AddPendingUnderGate(writer.Position);
        }
        while (!message.IsEmpty);
    }

    /// <summary>Forgets what a link has on its way: it has ended.</summary>
    public void ForgetUnderGate(OutgoingLink link)
    {
        _waitingForWindow.Remove(link);
        Connection.ForgetUnderGate(link);
        foreach (var (id, delivery) in _unsettled)
        {
            if (delivery.Link == link)
            {
                _unsettled.Remove(id);
            }
        }

        for (var count = _pending.Count; count > 0; count--)
        {
            var frame = _pending.Dequeue();
            if (frame.Link == link)
            {
                Connection.AddPendingUnderGate(-frame.Bytes.Length);
            }
            else
            {
                _pending.Enqueue(frame);
            }
        }
    }

    /// <summary>The client tells its window: what waited for it goes.</summary>
    /// <returns>The links for which there may be room now.</returns>
    private OutgoingLink[] OpenWindow(in Flow flow)
    {
        lock (Connection.Gate)
        {
            // Before it has seen the answer to its begin, it counts from the first transfer.
            _outgoingLimit = unchecked((flow.NextIncomingId ?? 0) + flow.IncomingWindow);
            while (_pending.Count > 0 && unchecked((int)(_outgoingLimit - _nextOutgoingId)) > 0)
            {
                var bytes = _pending.Dequeue().Bytes;
                Connection.AddPendingUnderGate(-bytes.Length);
                bytes.CopyTo(Connection.Output.BeginFrameUnderGate(Channel, bytes.Length));
                EndTransferUnderGate(bytes.Length);
            }

            if (_waitingForWindow.Count == 0 || Window <= 0)
            {
                return [];
            }

            OutgoingLink[] waiting = [.. _waitingForWindow];
            _waitingForWindow.Clear();
            return waiting;
        }
    }

    private bool TryTakeUnsettled(uint id, out UnsettledDelivery delivery)
    {
        lock (Connection.Gate)
        {
            return _unsettled.Remove(id, out delivery);
        }
    }

    private List<(uint Id, UnsettledDelivery Delivery)> TakeUnsettled(uint first, uint last)
    {
        lock (Connection.Gate)
        {
            // The range is the client's to choose: it must not be what the walk takes its time from.
            var count = unchecked(last - first) + 1UL;
            var ids = count <= (ulong)_unsettled.Count
                ? Enumerable.Range(0, (int)count).Select(offset => unchecked(first + (uint)offset)).Where(_unsettled.ContainsKey)
                : _unsettled.Keys.Where(id => unchecked(id - first) < count).OrderBy(id => unchecked(id - first));
            var taken = ids.Select(id => (id, _unsettled[id])).ToList();
            taken.ForEach(delivery => _unsettled.Remove(delivery.id));
            return taken;
        }
    }

    private void DropPendingUnderGate()
    {
        foreach (var frame in _pending)
        {
            Connection.AddPendingUnderGate(-frame.Bytes.Length);
        }

        _pending.Clear();
    }

    private int FramesOf(int size) => ((size - 1) / MaxPayload) + 1;

    private Flow SessionFlow()
    {
        _incomingWindow = IncomingWindow;
        return new Flow
        {
            NextIncomingId = _nextIncomingId,
            IncomingWindow = IncomingWindow,
            NextOutgoingId = _nextOutgoingId,
            OutgoingWindow = int.MaxValue,
        };
    }

    private void WriteDispositionUnderGate(bool isReceiver, uint deliveryId, in Outcome outcome, bool isSettled)
    {
        var writer = WireWriter.Growing();
        DispositionFrame.Write(ref writer, isReceiver, deliveryId, deliveryId, outcome, isSettled);
        WriteUnderGate(writer.Written);
    }

    private void WriteUnderGate(in Flow flow)
    {
        var writer = new WireWriter(stackalloc byte[128]);
        flow.Write(ref writer);
        WriteUnderGate(writer.Written);
    }

    private readonly record struct UnsettledDelivery(OutgoingLink Link, Guid Token);

    private readonly record struct PendingFrame(OutgoingLink Link, byte[] Bytes);
}
