using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Security;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What the tokens of one connection allow.</summary>
internal sealed class ClientClaims : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Grant> _grants = [];
    private readonly AuthorizedLinks _links;

    public ClientClaims(TimeProvider time, bool isLocal)
    {
        _links = new AuthorizedLinks(this, time);
        IsLocal = isLocal;
    }

    /// <summary>Whether the client is on this machine.</summary>
    public bool IsLocal { get; }

    public void AddGrant(Grant grant, DateTime now)
    {
        lock (_gate)
        {
            // A client renews its tokens for as long as it lives.
            _grants.RemoveAll(old => old.Expiry <= now || (old.Path == grant.Path && old.Rights == grant.Rights));
            _grants.Add(grant);
        }

        _links.Watch(grant.Expiry);
    }

    /// <summary>Has a link dropped when no token covers it any more.</summary>
    public void Register(AmqpLink link, string path, AccessRights right) => _links.Add(link, path, right);

    /// <summary>Whether a token of this connection covers a right at a path.</summary>
    public bool Allows(string path, AccessRights right, DateTime now)
    {
        lock (_gate)
        {
            foreach (var grant in _grants)
            {
                if (grant.Covers(path, right, now))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Forgets tokens that have expired.</summary>
    /// <returns>When the next one does, or null if none is left.</returns>
    public DateTime? ForgetExpired(DateTime now)
    {
        lock (_gate)
        {
            _grants.RemoveAll(grant => grant.Expiry <= now);
            return _grants.Count == 0 ? null : _grants.Min(grant => grant.Expiry);
        }
    }

    /// <summary>Ends the watch over the tokens.</summary>
    public void Dispose() => _links.Dispose();
}
