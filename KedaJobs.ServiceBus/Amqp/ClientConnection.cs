using Amqp;
using Amqp.Listener;
using KedaJobs.ServiceBus.Security;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What the broker knows about one AMQP connection: what its tokens allow, and how much it has not taken off yet.</summary>
internal sealed class ClientConnection
{
    /// <summary>Encoded messages that wait for the connection, in bytes, at which its receivers get no more; and at which they do again.</summary>
    private const long PauseAt = 8 * 1024 * 1024;
    private const long ResumeAt = 4 * 1024 * 1024;

    private const string Key = "KedaJobs.ClientConnection";

    private readonly Lock _gate = new();
    private readonly List<Grant> _grants = [];
    private readonly HashSet<IPausable> _paused = [];
    private long _unsent;

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
    }

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

    /// <summary>Counts an encoded message that was given to the AMQP library. True if the receiver has to pause.</summary>
    public bool OnHandedOver(int bytes, IPausable receiver)
    {
        lock (_gate)
        {
            _unsent += bytes;
            return _unsent > PauseAt && _paused.Add(receiver);
        }
    }

    /// <summary>Counts message bytes that went to the socket.</summary>
    public void OnSent(long bytes)
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

    /// <summary>A link ended: what it had unsent will not be sent. That of other links is forgotten with it, which only lets them go on earlier.</summary>
    public void OnLinkClosed(IPausable? receiver)
    {
        lock (_gate)
        {
            _unsent = 0;
            if (receiver is not null)
            {
                _paused.Remove(receiver);
            }
        }

        OnSent(0);
    }
}

/// <summary>A receiver that gets no messages while its connection has too many to send.</summary>
internal interface IPausable
{
    void Resume();
}
