using KedaJobs.ServiceBus.Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>The broker's end of a link.</summary>
internal abstract class AmqpLink(AmqpSession session, Attach attach)
{
    private volatile LinkState _state = LinkState.AttachReceived;

    public AmqpSession Session { get; } = session;

    public AmqpConnection Connection => Session.Connection;

    /// <summary>What the client asked for.</summary>
    public Attach Attach { get; } = attach;

    public uint Handle => Attach.Handle;

    /// <summary>Changes under the connection's gate.</summary>
    public LinkState State => _state;

    /// <summary>Whether nothing may be said over the link any more. May become true at any time.</summary>
    public bool IsEnded => _state is LinkState.DetachSent or LinkState.Detached;

    /// <summary>Refuses the link: an answer that names nothing, and the end with the error.</summary>
    public void Refuse(Error error)
    {
        lock (Connection.Gate)
        {
            if (_state != LinkState.AttachReceived)
            {
                return;
            }

            WriteRefusalUnderGate(error);
            _state = LinkState.DetachSent;
        }

        Connection.OnRefused($"link '{Attach.Name}'", error);
        Connection.Output.Flush();
    }

    /// <summary>Ends the link. Does nothing if it has ended.</summary>
    public void Close(Error error)
    {
        lock (Connection.Gate)
        {
            switch (_state)
            {
                case LinkState.AttachReceived:
                    WriteRefusalUnderGate(error);
                    break;
                case LinkState.Attached:
                    WriteDetachUnderGate(error);
                    break;
                default:
                    return;
            }

            _state = LinkState.DetachSent;
            OnEndedUnderGate();
        }

        Connection.OnRefused($"link '{Attach.Name}'", error);
        OnEnded();
        Connection.Output.Flush();
    }

    /// <summary>The client ends the link, or answers the broker's end.</summary>
    public void OnDetach()
    {
        bool ends;
        LinkState before;
        lock (Connection.Gate)
        {
            before = _state;
            if (before == LinkState.AttachReceived)
            {
                WriteRefusalUnderGate(null);
            }

            ends = TryEndUnderGate();
        }

        // First what the link held is given up, and then the client hears of it.
        if (ends)
        {
            OnEnded();
        }

        if (before != LinkState.DetachSent)
        {
            lock (Connection.Gate)
            {
                WriteDetachUnderGate(null);
            }
        }
    }

    /// <summary>The link is gone with its session or connection.</summary>
    public void OnSessionEnded()
    {
        lock (Connection.Gate)
        {
            if (!TryEndUnderGate())
            {
                return;
            }
        }

        OnEnded();
    }

    /// <summary>Attaches the link.</summary>
    /// <returns>Whether it still waited for that.</returns>
    protected bool TryAttach(ulong maxMessageSize, ReadOnlySpan<byte> source, AmqpMap? properties)
    {
        lock (Connection.Gate)
        {
            if (_state != LinkState.AttachReceived || !Connection.CanWrite)
            {
                return false;
            }

            var writer = WireWriter.Growing();
            Attach.WriteAnswer(ref writer, source, Attach.Target is null ? [] : Attach.Target.Encoded, maxMessageSize, properties);
            Session.WriteUnderGate(writer.Written);
            _state = LinkState.Attached;
            OnAttachedUnderGate();
            return true;
        }
    }

    protected virtual void OnAttachedUnderGate()
    {
    }

    /// <summary>The client will say nothing more over the link. Called on the connection's read loop.</summary>
    public virtual void OnForgotten()
    {
    }

    /// <summary>What is the connection's about the link goes.</summary>
    protected virtual void OnEndedUnderGate()
    {
    }

    /// <summary>What is the broker's about the link goes. Called once, without the lock of a queue or connection.</summary>
    protected abstract void OnEnded();

    /// <returns>Whether it had not ended before.</returns>
    private bool TryEndUnderGate()
    {
        var wasEnded = IsEnded;
        _state = LinkState.Detached;
        if (!wasEnded)
        {
            OnEndedUnderGate();
        }

        return !wasEnded;
    }

    private void WriteRefusalUnderGate(Error? error)
    {
        var writer = WireWriter.Growing();
        Attach.WriteAnswer(
            ref writer,
            Attach.IsReceiver || Attach.Source is null ? [] : Attach.Source.Encoded,
            !Attach.IsReceiver || Attach.Target is null ? [] : Attach.Target.Encoded,
            0,
            null);
        Session.WriteUnderGate(writer.Written);
        if (error is not null)
        {
            WriteDetachUnderGate(error);
        }
    }

    private void WriteDetachUnderGate(Error? error)
    {
        var writer = WireWriter.Growing();
        Detach.Write(ref writer, Handle, error);
        Session.WriteUnderGate(writer.Written);
    }
}
