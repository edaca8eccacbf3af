using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The answers to requests: sent over the response link of the session that the request came by.</summary>
/// <param name="link">The link.</param>
/// <param name="node">The node that is asked.</param>
internal sealed class ResponseLink(OutgoingLink link, string node) : IOutgoingEndpoint
{
    /// <summary>How many answers, and how many bytes of them, may wait for a client that gives no credit or does not read.</summary>
    private const int MaxPending = 1000;
    private const int MaxPendingBytes = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _pending = new();
    private long _pendingBytes;
    private uint _limit;
    private uint _sent;

    public string Node { get; } = node;

    /// <summary>The name under which requests ask for their answers, if the client gave one.</summary>
    public string? Address { get; } = link.Attach.Target?.Address;

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

    public void Send(byte[] response)
    {
        lock (_gate)
        {
            _pending.Enqueue(response);
            _pendingBytes += response.Length;
        }

        SendPending();
    }

    public void OnRoom() => SendPending();

    public void OnFlow(in Flow flow)
    {
        lock (_gate)
        {
            _limit = flow.Limit;
        }

        SendPending();
        if (!flow.Drain)
        {
            return;
        }

        lock (_gate)
        {
            _sent = _limit;
            link.Drained(_sent);
        }
    }

    public void OnDisposition(uint deliveryId, Guid token, in DeliveryState state, bool settled)
    {
        if (!settled)
        {
            link.Settle(deliveryId, Outcome.Accepted);
        }
    }

    public void OnEnded()
    {
        lock (_gate)
        {
            _pending.Clear();
            _pendingBytes = 0;
        }
    }

    private void SendPending()
    {
        lock (_gate)
        {
            while (unchecked((int)(_limit - _sent)) > 0 && _pending.TryPeek(out var next) && link.TryReserve(next.Length))
            {
                _pending.Dequeue();
                _pendingBytes -= next.Length;
                _sent++;
                link.TrySend(next);
            }
        }

        link.Connection.Output.FlushSoon();
    }
}
