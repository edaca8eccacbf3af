using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The links of a connection and what they need a token for. When a token expires, Service Bus drops the links that only it allowed; the
/// connection stays, and a client that puts a new token in time never notices (Microsoft Learn: "AMQP 1.0 in Azure Service Bus protocol
/// guide", claims-based authorization).
/// </summary>
internal sealed class AuthorizedLinks : IDisposable
{
    // Timers do not take longer periods; looking early does no harm.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly ClientClaims _client;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private DateTime _next = DateTime.MaxValue;

    public AuthorizedLinks(ClientClaims client, TimeProvider time)
    {
        (_client, _time) = (client, time);
        _timer = time.CreateTimer(
            static links => ((AuthorizedLinks)links!).DropUnauthorized(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(AmqpLink link, string path, AccessRights right)
    {
        lock (_gate)
        {
            _entries.RemoveAll(static entry => entry.Link.IsEnded);
            _entries.Add(new Entry(link, path, right));
        }
    }

    /// <summary>Looks at the links when a token expires.</summary>
    public void Watch(DateTime expiry)
    {
        lock (_gate)
        {
            if (expiry < _next)
            {
                Arm(expiry);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Arm(DateTime at)
    {
        _next = at;
        var wait = at - _time.GetUtcNow().UtcDateTime;
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void DropUnauthorized()
    {
        var now = _time.UtcNow();
        List<Entry> dropped;
        lock (_gate)
        {
            dropped = _entries.FindAll(entry => !_client.Allows(entry.Path, entry.Right, now));
            _entries.RemoveAll(dropped.Contains);
            if (_client.ForgetExpired(now) is { } next)
            {
                Arm(next);
            }
            else
            {
                _next = DateTime.MaxValue;
            }
        }

        foreach (var entry in dropped)
        {
            entry.Link.Close(Errors.TokenExpired(entry.Path));
        }
    }

    private sealed record Entry(AmqpLink Link, string Path, AccessRights Right);
}
