using System.Buffers;
using System.IO.Pipelines;
using KedaJobs.ServiceBus.Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>
/// The broker's end of a connection (AMQP 1.0, part 2.4), over whatever carries its bytes. One loop reads: what a client sends is acted on
/// there, frame by frame. What goes to the client comes from many threads; it is written under <see cref="Gate"/>, which is taken last of
/// all locks and never kept while anything outside this folder is called.
/// </summary>
internal sealed partial class AmqpConnection : IDisposable
{
    /// <summary>
    /// How much may wait for a client that does not take it until the client is not read from any more, in
    /// bytes: nearly every frame leads to an answer.
    /// </summary>
    private const int MostUntaken = 4 * 1024 * 1024;

    /// <summary>How many acceptances are held back at most, so that a client need not wait until all that it sent is worked off.</summary>
    private const int MostAccepted = 100;

    private const uint LeastIdleTimeout = 1000;

    private static readonly byte[] ProtocolHeader = [.. "AMQP"u8, 0, 1, 0, 0];

    private readonly IDuplexPipe _pipe;
    private readonly ConnectionSettings _settings;
    private readonly ILinkRouter _router;
    private readonly FrameReader _frames;
    private readonly ReadPace _pace;
    private readonly Dictionary<ushort, AmqpSession> _sessions = [];
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _heartbeat;
    private volatile ConnectionState _state = ConnectionState.Start;
    private volatile bool _hasHeard;
    private long _partialBytes;

    public AmqpConnection(IDuplexPipe pipe, ConnectionSettings settings, ILinkRouter router)
    {
        (_pipe, _settings, _router) = (pipe, settings, router);
        _frames = new FrameReader(settings.MaxFrameSize);
        _pace = new ReadPace(settings.Clock);
        Output = new FrameOutput(Gate, pipe.Output) { Progressed = OnProgress };
    }

    /// <summary>Guards what is written and what decides about it.</summary>
    public Lock Gate { get; } = new();

    public FrameOutput Output { get; }

    /// <summary>Changes under the gate.</summary>
    public ConnectionState State => _state;

    /// <summary>Whether the client has opened the connection.</summary>
    public bool IsOpen => _state is not (ConnectionState.Start or ConnectionState.HeaderReceived or ConnectionState.HeaderExchanged);

    /// <summary>Whether frames may still be sent.</summary>
    public bool CanWrite => _state == ConnectionState.Opened && !Output.IsFailed;

    /// <summary>The largest frame that the client takes, in bytes.</summary>
    public int PeerMaxFrameSize { get; private set; } = (int)Open.LeastMaxFrameSize;

    /// <summary>Told of what was refused: what, and why.</summary>
    public Action<string, Error>? Refused { get; init; }

    /// <summary>Told of an exception that is the broker's fault, not the client's.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Ends when nothing more is expected of the client, though something may still have to be sent.</summary>
    public Task Closing => _closing.Task;

    /// <summary>Serves the connection to its end. What was written is with the pipe then, or never will be.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (await ReadHeaderAsync().ConfigureAwait(false))
            {
                await ReadFramesAsync().ConfigureAwait(false);
            }
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The socket broke, or was aborted: the end is the same.
        }
        finally
        {
            lock (Gate)
            {
                _state = ConnectionState.End;
            }

            _heartbeat?.Dispose();
            EndSessions();
            _closing.TrySetResult();
            await Output.CompleteAsync().ConfigureAwait(false);
            await _pipe.Input.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection, whose client is to answer. Does nothing if it is closed or not open yet.</summary>
    public void Close(Error error)
    {
        if (TryClose(error, ConnectionState.CloseSent))
        {
            // The loop throws away from now on what the client sends before it answers; its links end at once.
            _pipe.Input.CancelPendingRead();
            Output.FlushHeld();
        }
    }

    /// <summary>Forgets a session that has ended.</summary>
    public void Forget(AmqpSession session) => _sessions.Remove(session.Channel);

    public void OnRefused(string what, Error error) => Refused?.Invoke(what, error);

    /// <summary>Counts what is kept of messages that have not arrived whole.</summary>
    /// <exception cref="ConnectionErrorException">It is too much.</exception>
    public void OnPartialBytes(int bytes)
    {
        if (Interlocked.Add(ref _partialBytes, bytes) > ConnectionSettings.MaxPartialBytes + _settings.MaxMessageSize() && bytes > 0)
        {
            throw new ConnectionErrorException(
                "amqp:resource-limit-exceeded",
                $"More than {ConnectionSettings.MaxPartialBytes} bytes of incomplete messages on one connection: "
                    + "finish some before beginning others.");
        }
    }

    public void Dispose() => _heartbeat?.Dispose();

    private async Task<bool> ReadHeaderAsync()
    {
        var header = await SaslServer.PeekAsync(_pipe.Input, ProtocolHeader.Length, CancellationToken.None).ConfigureAwait(false);
        if (header is null)
        {
            return false;
        }

        _state = ConnectionState.HeaderReceived;
        await SaslServer.SkipAsync(_pipe.Input, ProtocolHeader.Length, CancellationToken.None).ConfigureAwait(false);
        lock (Gate)
        {
            Output.WriteRawUnderGate(ProtocolHeader);
        }

        _state = ConnectionState.HeaderExchanged;
        Output.Flush();
        return header.AsSpan().SequenceEqual(ProtocolHeader);
    }

    private async Task ReadFramesAsync()
    {
        while (true)
        {
            var result = await _pipe.Input.ReadAsync().ConfigureAwait(false);
            var buffer = result.Buffer;
            Output.Hold();
            var isFull = TakeFrames(ref buffer);
            var taken = result.Buffer.Length;
            _pipe.Input.AdvanceTo(buffer.Start, isFull ? buffer.Start : buffer.End);
            if (taken >= ReadPace.LargeRead)
            {
                // Another thread goes on: what is answered meanwhile goes out together.
                await Task.Yield();
            }

            Output.Release();
            if (_state == ConnectionState.End || Output.IsFailed || (result.IsCompleted && !isFull))
            {
                return;
            }

            if (_state == ConnectionState.CloseSent)
            {
                EndSessions();
            }

            if (isFull)
            {
                await Output.WhenDrainedAsync().ConfigureAwait(false);
            }

            if (taken < ReadPace.SmallRead)
            {
                // Behind the answers: a client that waits for one before it sends again is not kept waiting.
                _pace.AfterSmallRead();
            }
        }
    }

    /// <returns>Whether so much waits for the client that no more is taken from it.</returns>
    private bool TakeFrames(ref ReadOnlySequence<byte> buffer)
    {
        try
        {
            while (_state != ConnectionState.End && _frames.TryRead(ref buffer, out var channel, out var body))
            {
                _hasHeard = true;
                TakeFrame(channel, body);
                if (Output.AcceptedCount >= MostAccepted)
                {
                    Output.FlushHeld();
                }

                if (Output.Pending > MostUntaken)
                {
                    return true;
                }
            }
        }
        catch (ConnectionErrorException broken)
        {
            Discard(broken.Error);
        }
        catch (WireFormatException malformed)
        {
            Discard(new Error("amqp:decode-error", malformed.Message));
        }
        catch (Exception failure) when (failure is not (OutOfMemoryException or IOException or OperationCanceledException))
        {
            Failed?.Invoke(failure);
            Discard(Errors.Internal("The broker failed at a frame of this connection. Its log says how."));
        }

        return false;
    }

    private void TakeFrame(ushort channel, ReadOnlySpan<byte> body)
    {
        // A heartbeat has no performative.
        if (body.IsEmpty)
        {
            return;
        }

        var reader = new WireReader(body);
        var performative = reader.ReadDescriptor();
        if (_state == ConnectionState.CloseSent && performative != Descriptors.Close)
        {
            return;
        }

        switch (performative)
        {
            case Descriptors.Open when _state == ConnectionState.HeaderExchanged:
                OnOpen(Open.Read(ref reader));
                break;
            case Descriptors.Close when _state is ConnectionState.Opened or ConnectionState.CloseSent:
                reader.Skip();
                OnClose();
                break;
            case (>= Descriptors.Begin and <= Descriptors.End) when _state == ConnectionState.Opened:
                SessionOn(channel, performative).OnFrame(performative, ref reader, body);
                break;
            case < Descriptors.Open or > Descriptors.Close:
                throw new WireFormatException($"0x{performative:x2} is no performative.");
            default:
                throw new ConnectionErrorException(
                    "amqp:illegal-state",
                    _state == ConnectionState.HeaderExchanged
                        ? "The first frame of a connection must be open."
                        : $"A frame with performative 0x{performative:x2} in state {_state} of the connection.");
        }
    }

    private void OnOpen(in Open open)
    {
        if (open.MaxFrameSize < Open.LeastMaxFrameSize)
        {
            throw new ConnectionErrorException(
                "amqp:invalid-field",
                $"max-frame-size {open.MaxFrameSize} is too small: the specification's least is {Open.LeastMaxFrameSize}.");
        }

        if (open.IdleTimeOut is > 0 and < LeastIdleTimeout)
        {
            throw new ConnectionErrorException(
                "amqp:not-allowed",
                $"idle-time-out {open.IdleTimeOut} would need more heartbeats than messages: use {LeastIdleTimeout} or more, or none.");
        }

        PeerMaxFrameSize = (int)Math.Min(open.MaxFrameSize, _settings.MaxFrameSize);
        lock (Gate)
        {
            _state = ConnectionState.OpenReceived;
            WriteOpenUnderGate();
            _state = ConnectionState.Opened;
        }

        StartHeartbeat(open.IdleTimeOut);
    }

    private void OnClose()
    {
        lock (Gate)
        {
            if (_state == ConnectionState.Opened)
            {
                _state = ConnectionState.CloseReceived;
                WriteCloseUnderGate(null);
            }

            _state = ConnectionState.End;
        }
    }

    private AmqpSession SessionOn(ushort channel, ulong performative)
    {
        if (_sessions.TryGetValue(channel, out var session))
        {
            return session;
        }

        if (performative != Descriptors.Begin)
        {
            throw new ConnectionErrorException("amqp:illegal-state", $"There is no session on channel {channel}: begin one.");
        }

        if (channel > _settings.ChannelMax)
        {
            throw new ConnectionErrorException(
                "amqp:connection:framing-error", $"Channel {channel} is beyond channel-max {_settings.ChannelMax}.");
        }

        session = new AmqpSession(this, channel, _router);
        _sessions.Add(channel, session);
        return session;
    }

    /// <summary>The client broke the protocol: it is told how, and nothing more of what it sends is looked at.</summary>
    private void Discard(Error error)
    {
        OnRefused("connection", error);
        TryClose(error, ConnectionState.Discarding);
        lock (Gate)
        {
            _state = ConnectionState.End;
        }
    }

    private bool TryClose(Error error, ConnectionState next)
    {
        lock (Gate)
        {
            switch (_state)
            {
                case ConnectionState.HeaderExchanged:
                    // A close stands behind an open.
                    WriteOpenUnderGate();
                    break;
                case ConnectionState.OpenReceived or ConnectionState.Opened:
                    break;
                default:
                    return false;
            }

            _state = next;
            WriteCloseUnderGate(error);
            return true;
        }
    }

    private void EndSessions()
    {
        foreach (var session in _sessions.Values)
        {
            session.EndLinks();
        }

        _sessions.Clear();
    }

    private void WriteOpenUnderGate()
    {
        var open = new Open
        {
            ContainerId = _settings.ContainerId,
            MaxFrameSize = _settings.MaxFrameSize,
            ChannelMax = _settings.ChannelMax,
            IdleTimeOut = (uint)(_settings.IdleTimeout.TotalMilliseconds / 2),
        };
        var writer = WireWriter.Growing();
        open.Write(ref writer);
        WriteUnderGate(writer.Written);
    }

    private void WriteCloseUnderGate(Error? error)
    {
        var writer = WireWriter.Growing();
        EndOrClose.Write(ref writer, Descriptors.Close, error);
        WriteUnderGate(writer.Written);
    }

    private void WriteUnderGate(ReadOnlySpan<byte> performative)
    {
        Output.WriteAcceptedUnderGate();
        performative.CopyTo(Output.BeginFrameUnderGate(0, performative.Length));
        Output.EndFrameUnderGate(performative.Length);
    }
}
