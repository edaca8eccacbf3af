namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>How much may wait for the client, and that it hears from the broker.</summary>
internal sealed partial class AmqpConnection
{
    /// <summary>How much may wait for a client, in bytes, until its links get no more messages; and until they do again.</summary>
    private const long PauseAt = 1024 * 1024;
    private const long ResumeAt = 512 * 1024;

    // Guarded by the gate.
    private readonly HashSet<OutgoingLink> _waitingForRoom = [];
    private long _reserved;
    private long _pending;

    private long Untaken => _reserved + _pending + Output.Pending;

    public void AcceptUnderGate(ushort channel, bool isReceiver, uint deliveryId) =>
        Output.AcceptUnderGate(channel, isReceiver, deliveryId);

    /// <summary>Sets room aside for a message of at most so many bytes; if there is none, the link is told later.</summary>
    public bool TryReserveUnderGate(OutgoingLink link, int size)
    {
        if (Untaken >= PauseAt)
        {
            _waitingForRoom.Add(link);
            return false;
        }

        _reserved += size;
        return true;
    }

    public void UnreserveUnderGate(int size) => _reserved -= size;

    /// <summary>Counts what waits for the window of a session.</summary>
    public void AddPendingUnderGate(int bytes) => _pending += bytes;

    public void ForgetUnderGate(OutgoingLink link) => _waitingForRoom.Remove(link);

    private void OnProgress()
    {
        if (Output.IsFailed)
        {
            // Whom nothing can be sent to, nothing need be read from.
            _pipe.Input.CancelPendingRead();
            return;
        }

        OutgoingLink[] waiting;
        lock (Gate)
        {
            if (_waitingForRoom.Count == 0 || Untaken > ResumeAt)
            {
                return;
            }

            waiting = [.. _waitingForRoom];
            _waitingForRoom.Clear();
        }

        foreach (var link in waiting)
        {
            link.OnRoom();
        }
    }

    /// <summary>
    /// Looks four times in the shorter of both sides' times whether anything was sent and anything heard: so a client that waits for a sign
    /// of life gets one when half of its time is over.
    /// </summary>
    /// <param name="peerTimeout">After how long a silence the client takes the broker for dead, in milliseconds; 0 for never.</param>
    private void StartHeartbeat(uint peerTimeout)
    {
        var shorter = Math.Min(peerTimeout == 0 ? double.MaxValue : peerTimeout, _settings.IdleTimeout.TotalMilliseconds);
        var period = TimeSpan.FromMilliseconds(shorter / 4);
        var silentTicks = 0;
        var mostSilentTicks = (int)Math.Ceiling(_settings.IdleTimeout / period);
        _heartbeat = _settings.Clock.CreateTimer(
            _ =>
            {
                silentTicks = _hasHeard ? 0 : silentTicks + 1;
                _hasHeard = false;
                if (silentTicks >= mostSilentTicks)
                {
                    GiveUp();
                }
                else if (peerTimeout > 0)
                {
                    SendHeartbeat();
                }
            },
            null,
            period,
            period);
    }

    private void SendHeartbeat()
    {
        lock (Gate)
        {
            if (Output.TakeActivityUnderGate() || !CanWrite)
            {
                return;
            }

            Output.BeginFrameUnderGate(0, 0);
            Output.EndFrameUnderGate(0);
            Output.TakeActivityUnderGate();
        }

        Output.Flush();
    }

    /// <summary>The client has been silent for too long: it is told, should it still listen, and not waited for.</summary>
    private void GiveUp()
    {
        if (!TryClose(
            Errors.Create("amqp:connection:forced", $"Nothing was received from the client for {_settings.IdleTimeout}."),
            ConnectionState.End))
        {
            return;
        }

        Output.FlushHeld();
        _pipe.Input.CancelPendingRead();
    }
}
