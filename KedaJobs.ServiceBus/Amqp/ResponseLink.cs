using Amqp;
using Amqp.Framing;
using Amqp.Listener;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The answer to a request: sent over the response link of the session that the request came by.</summary>
internal sealed class ResponseLink(ListenerLink link, string? address) : LinkEndpoint, IPausable
{
    /// <summary>How many answers, and how many bytes of them, may wait for a client that gives no credit or does not read.</summary>
    private const int MaxPending = 1000;
    private const int MaxPendingBytes = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<(Message Response, ByteBuffer Encoded)> _pending = new();
    private readonly ClientConnection _client = ClientConnection.Of(link);
    private long _pendingBytes;
    private uint _limit;
    private uint _sent;
    private bool _isPaused;

    /// <summary>The name under which requests ask for their answers, if the client gave one.</summary>
    public string? Address { get; } = address;

    public bool IsClosed => link.IsClosed;

    /// <summary>Whether so many answers wait that no more requests may be taken.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count >= MaxPending || _pendingBytes >= MaxPendingBytes;
            }
        }
    }

    public void Send(Message response)
    {
        var encoded = response.Encode();
        lock (_gate)
        {
            _pending.Enqueue((response, encoded));
            _pendingBytes += encoded.Length;
        }

        SendPending();
    }

    public void Resume()
    {
        lock (_gate)
        {
            _isPaused = false;
        }

        SendPending();
    }

    public override void OnFlow(FlowContext flowContext)
    {
        lock (_gate)
        {
            _limit = _client.LastFlow.Limit;
        }

        SendPending();
        if (_client.LastFlow.Drain)
        {
            lock (_gate)
            {
                _limit = _sent;
            }

            link.SetCredit(0, drain: true, autoRestore: false);
        }
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        if (!dispositionContext.Settled && !link.IsClosed)
        {
            link.TryDispose(dispositionContext.Message, Outcomes.Accepted);
        }
    }

    /// <summary>Called under the library's locks.</summary>
    public override void OnLinkClosed(ListenerLink closed, Error error) =>
        ThreadPool.UnsafeQueueUserWorkItem(static response => response._client.OnLinkClosed(response), this, preferLocal: false);

    private void SendPending()
    {
        while (true)
        {
            (Message Response, ByteBuffer Encoded) next;
            lock (_gate)
            {
                if (_isPaused || unchecked((int)(_limit - _sent)) <= 0 || !_pending.TryDequeue(out next))
                {
                    return;
                }

                _sent++;
                _pendingBytes -= next.Encoded.Length;
                _isPaused = _client.OnHandedOver(next.Encoded.Length, this);
            }

            link.TrySend(next.Response, next.Encoded);
        }
    }
}
