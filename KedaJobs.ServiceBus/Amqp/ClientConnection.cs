using Amqp;
using Amqp.Listener;
using KedaJobs.ServiceBus.Security;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What the broker knows about one AMQP connection: what its tokens allow, and how much it has not taken off yet.</summary>
internal sealed class ClientConnection : IDisposable
{
    /// <summary>Encoded messages that wait for the connection, in bytes, at which its receivers get no more; and at which they do again.</summary>
    private const long PauseAt = 8 * 1024 * 1024;
    private const long ResumeAt = 4 * 1024 * 1024;

    private const string Key = "KedaJobs.ClientConnection";

    private readonly Lock _gate = new();
    private readonly List<Grant> _grants = [];
    private readonly HashSet<IPausable> _paused = [];
    private readonly AuthorizedLinks _links;
    private long _unsent;
    private volatile bool _isSending;
    private volatile bool _hasClosedLinks;

    public ClientConnection(TimeProvider time) => _links = new AuthorizedLinks(this, time);

    /// <summary>
    /// The flow frame that was read last. The library calls a link's endpoint from the read that it came with, so this is the one it is about;
    /// what the library itself says of it is a difference to a credit that changes under other threads.
    /// </summary>
    public LinkFlow LastFlow;

    /// <summary>The state of the connection that a link is on.</summary>
    public static ClientConnection Of(Link link) => (ClientConnection)((ListenerConnection)link.Session.Connection).Properties[Key];

    public void Attach(ListenerConnection connection) => connection.Properties[Key] = this;

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
    public void Register(ListenerLink link, string path, AccessRights right) => _links.Add(link, path, right);

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

    /// <summary>Counts an encoded message that was given to the AMQP library. True if the link has to pause.</summary>
    public bool OnHandedOver(int bytes, IPausable link)
    {
        lock (_gate)
        {
            _unsent += bytes;
            return _unsent > PauseAt && _paused.Add(link);
        }
    }

    /// <summary>The connection begins to write.</summary>
    public void OnSending() => _isSending = true;

    /// <summary>Counts message bytes that went to the socket.</summary>
    public void OnSent(long bytes)
    {
        _isSending = false;
        if (bytes > 0)
        {
            Release(bytes);
        }

        if (_hasClosedLinks)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static client => client.ForgetUnsent(), this, preferLocal: false);
        }
    }

    /// <summary>A link ended: what it had unsent may never be sent.</summary>
    public void OnLinkClosed(IPausable link)
    {
        lock (_gate)
        {
            _paused.Remove(link);
        }

        _hasClosedLinks = true;
        ForgetUnsent();
    }

    /// <summary>Ends the watch over the connection's tokens.</summary>
    public void Dispose() => _links.Dispose();

    /// <summary>
    /// What closed links had unsent is known only when nothing is being written: then it is all that is still counted, but for what waits for a
    /// session's window. That is forgotten with it, which only lets others go on earlier.
    /// </summary>
    private void ForgetUnsent()
    {
        if (!_isSending)
        {
            _hasClosedLinks = false;
            Release(long.MaxValue);
        }
    }

    private void Release(long bytes)
    {
        IPausable[] resumed;
        lock (_gate)
        {
            _unsent = Math.Max(0, _unsent - bytes);
            if (_paused.Count == 0 || _unsent > ResumeAt)
            {
                return;
            }

            resumed = [.. _paused];
            _paused.Clear();
        }

        foreach (var receiver in resumed)
        {
            receiver.Resume();
        }
    }
}

/// <summary>A link that gets no messages while its connection has too many to send.</summary>
internal interface IPausable
{
    void Resume();
}
