using KedaJobs.ServiceBus.Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>
/// The broker's end of a session (AMQP 1.0, part 2.5): its links, and what may go over it in either direction. This part takes the client's
/// frames, on the connection's read loop.
/// </summary>
internal sealed partial class AmqpSession(AmqpConnection connection, ushort channel, ILinkRouter router)
{
    /// <summary>The highest handle that a client may use.</summary>
    public const uint HandleMax = 4999;

    /// <summary>How many transfers a client may have on the way before it hears of the window again.</summary>
    private const int IncomingWindow = 5000;

    private readonly Dictionary<uint, AmqpLink> _links = [];
    private SessionState _state = SessionState.Unmapped;

    // Guarded by the gate. The next transfer that the client sends, modulo 2^32, and how many it may still send.
    private uint _nextIncomingId;
    private int _incomingWindow = IncomingWindow;

    public AmqpConnection Connection { get; } = connection;

    public ushort Channel { get; } = channel;

    /// <summary>
    /// The queue or topic of the first link that was attached to an entity: what is received over a
    /// session with transactions must come from there.
    /// </summary>
    public string? FirstEntity { get; set; }

    /// <summary>Whether transactions are declared over a link of the session.</summary>
    public bool HasCoordinator { get; set; }

    public IReadOnlyCollection<AmqpLink> Links => _links.Values;

    /// <summary>Takes a frame.</summary>
    /// <exception cref="ConnectionErrorException">The client broke the protocol.</exception>
    public void OnFrame(ulong performative, ref WireReader reader, ReadOnlySpan<byte> body)
    {
        if (_state == SessionState.Discarding && performative != Descriptors.End)
        {
            return;
        }

        try
        {
            switch (performative)
            {
                case Descriptors.Begin when _state == SessionState.Unmapped:
                    OnBegin(Begin.Read(ref reader));
                    break;
                case Descriptors.Attach when _state == SessionState.Mapped:
                    OnAttach(Attach.Read(ref reader));
                    break;
                case Descriptors.Flow when _state == SessionState.Mapped:
                    OnFlow(Flow.Read(ref reader));
                    break;
                case Descriptors.Transfer when _state == SessionState.Mapped:
                    OnTransfer(Transfer.Read(ref reader), body[reader.Position..]);
                    break;
                case Descriptors.Disposition when _state == SessionState.Mapped:
                    OnDisposition(DispositionFrame.Read(ref reader));
                    break;
                case Descriptors.Detach when _state == SessionState.Mapped:
                    OnDetach(Detach.Read(ref reader));
                    break;
                case Descriptors.End when _state is SessionState.Mapped or SessionState.Discarding:
                    reader.Skip();
                    OnEnd();
                    break;
                default:
                    throw new ConnectionErrorException(
                        "amqp:illegal-state",
                        $"A frame with performative 0x{performative:x2} on channel {Channel}, whose session is in state {_state}.");
            }
        }
        catch (SessionErrorException broken)
        {
            Discard(broken.Error);
        }
    }

    /// <summary>The session is gone with its connection, or by anybody's will: so are its links.</summary>
    public void EndLinks()
    {
        foreach (var link in _links.Values)
        {
            link.OnSessionEnded();
            link.OnForgotten();
        }

        _links.Clear();
        lock (Connection.Gate)
        {
            DropPendingUnderGate();
        }
    }

    private void OnBegin(in Begin begin)
    {
        if (begin.RemoteChannel is not null)
        {
            throw new ConnectionErrorException(
                "amqp:not-allowed", "A begin with a remote-channel answers one of the broker's, which began none.");
        }

        _state = SessionState.BeginReceived;
        var answer = new Begin
        {
            RemoteChannel = Channel,
            NextOutgoingId = _nextOutgoingId,
            IncomingWindow = IncomingWindow,
            OutgoingWindow = int.MaxValue,
            HandleMax = HandleMax,
        };
        lock (Connection.Gate)
        {
            _nextIncomingId = begin.NextOutgoingId;
            _outgoingLimit = begin.IncomingWindow;
            var writer = WireWriter.Growing();
            answer.Write(ref writer);
            WriteUnderGate(writer.Written);
        }

        _state = SessionState.Mapped;
    }

    private void OnAttach(Attach attach)
    {
        if (attach.Handle > HandleMax)
        {
            throw new ConnectionErrorException(
                "amqp:connection:framing-error", $"Handle {attach.Handle} is beyond handle-max {HandleMax}.");
        }

        if (_links.ContainsKey(attach.Handle))
        {
            throw new SessionErrorException(
                "amqp:session:handle-in-use", $"Handle {attach.Handle} is in use by another link of the session.");
        }

        if (_links.Values.FirstOrDefault(
            link => !link.IsEnded && link.Attach.Name == attach.Name && link.Attach.IsReceiver == attach.IsReceiver) is { } old)
        {
            old.Close(new Error("amqp:link:stolen", $"The link '{attach.Name}' was attached again, by handle {attach.Handle}."));
        }

        if (attach.IsReceiver)
        {
            var link = new OutgoingLink(this, attach);
            _links.Add(attach.Handle, link);
            router.Attach(link);
        }
        else
        {
            var link = new IncomingLink(this, attach);
            _links.Add(attach.Handle, link);
            router.Attach(link);
        }
    }

    private void OnFlow(in Flow flow)
    {
        var link = flow.Handle is { } handle ? Find(handle) : null;
        foreach (var waiting in OpenWindow(flow))
        {
            waiting.OnRoom();
        }

        if (link is OutgoingLink outgoing)
        {
            outgoing.OnFlow(flow);
        }
        else if (flow.Echo)
        {
            lock (Connection.Gate)
            {
                if (link is IncomingLink { State: LinkState.Attached } incoming)
                {
                    incoming.WriteFlowUnderGate();
                }
                else
                {
                    WriteFlowUnderGate();
                }
            }
        }
    }

    private void OnTransfer(in Transfer transfer, ReadOnlySpan<byte> payload)
    {
        lock (Connection.Gate)
        {
            _nextIncomingId++;
            if (--_incomingWindow < 0)
            {
                throw new SessionErrorException(
                    "amqp:session:window-violation", $"More than {IncomingWindow} transfers came before the window was opened again.");
            }

            if (_incomingWindow <= IncomingWindow / 2)
            {
                WriteFlowUnderGate();
            }
        }

        if (Find(transfer.Handle) is not IncomingLink link)
        {
            throw new SessionErrorException("amqp:not-allowed", "A transfer came over a link on which the client receives.");
        }

        try
        {
            link.OnTransfer(transfer, payload);
        }
        catch (LinkErrorException broken)
        {
            link.Close(broken.Error);
        }
    }

    private void OnDisposition(in DispositionFrame disposition)
    {
        // What the client sent, the broker settles: there is nothing that the client could still say of it.
        if (!disposition.IsReceiver)
        {
            return;
        }

        if (disposition.First == disposition.Last)
        {
            if (TryTakeUnsettled(disposition.First, out var delivery))
            {
                delivery.Link.OnDisposition(disposition.First, delivery.Token, disposition.State, disposition.Settled);
            }

            return;
        }

        foreach (var (id, delivery) in TakeUnsettled(disposition.First, disposition.Last))
        {
            delivery.Link.OnDisposition(id, delivery.Token, disposition.State, disposition.Settled);
        }
    }

    private void OnDetach(uint handle)
    {
        var link = Find(handle);
        link.OnDetach();
        link.OnForgotten();
        _links.Remove(handle);
    }

    private void OnEnd()
    {
        var isAnswer = _state == SessionState.Discarding;
        _state = SessionState.EndReceived;
        EndLinks();
        if (!isAnswer)
        {
            WriteEnd(null);
        }

        _state = SessionState.Unmapped;
        Connection.Forget(this);
    }

    private void Discard(Error error)
    {
        _state = SessionState.Discarding;
        Connection.OnRefused($"session on channel {Channel}", error);
        EndLinks();
        WriteEnd(error);
    }

    private void WriteEnd(Error? error)
    {
        lock (Connection.Gate)
        {
            var writer = WireWriter.Growing();
            EndOrClose.Write(ref writer, Descriptors.End, error);
            WriteUnderGate(writer.Written);
        }
    }

    private AmqpLink Find(uint handle) => _links.TryGetValue(handle, out var link)
        ? link
        : throw new SessionErrorException("amqp:session:unattached-handle", $"There is no link with handle {handle}.");
}
