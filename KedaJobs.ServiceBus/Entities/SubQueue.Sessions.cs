namespace KedaJobs.ServiceBus.Entities;

/// <summary>Sessions: who holds which, who waits for one, and what is kept in them.</summary>
internal sealed partial class SubQueue
{
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly LinkedList<Session> _freeSessions = [];
    private readonly LinkedList<SessionWaiter> _waiters = [];
    private readonly List<Session> _dirtySessions = [];

    internal IReadOnlyCollection<Session> Sessions => _sessions.Values;

    /// <summary>
    /// Gives a session to a receiver: the named one, or (null) any free one that has messages. Where there is none, the receiver waits, at most
    /// <paramref name="patience"/>, and is told.
    /// </summary>
    public AttachOutcome AttachSession(
        Consumer consumer, string? sessionId, TimeSpan patience, DateTime now, out string grantedId, out DateTime lockedUntil)
    {
        using var turn = Entity.Begin(now);
        (grantedId, lockedUntil) = ("", default);
        if (CheckAttach(!HasSessions) is { } refused)
        {
            return refused;
        }

        Entity.Touch(now);
        consumer.Queue = this;
        Session? session;
        if (sessionId is null)
        {
            session = _freeSessions.First?.Value;
            if (session is null)
            {
                var waiter = new SessionWaiter(consumer, this);
                _waiters.AddLast(waiter);
                Entity.Deadlines.Set(waiter, Deadline.After(now, patience));
                return AttachOutcome.Waiting;
            }
        }
        else
        {
            session = GetOrAddSession(sessionId);
            if (session.Holder is { IsGone: true } gone)
            {
                Remove(gone, now);
                session = GetOrAddSession(sessionId);
            }

            if (session.Holder is { } other && !TryTakeOver(session, other, consumer))
            {
                return AttachOutcome.SessionHeld;
            }
        }

        Grant(session, consumer, now);
        (grantedId, lockedUntil) = (session.Id, session.LockedUntil);
        return AttachOutcome.Attached;
    }

    public SettleOutcome RenewSessionLock(string sessionId, DateTime now, out DateTime lockedUntil)
    {
        using var turn = Entity.Begin(now);
        Entity.Touch(now);
        lockedUntil = default;
        if (FindHeld(sessionId) is not { } session)
        {
            return SessionNotHeld();
        }

        session.LockedUntil = lockedUntil = Deadline.After(now, Entity.Options.LockDuration);
        Entity.Deadlines.Set(session, lockedUntil);
        return SettleOutcome.Done;
    }

    public SettleOutcome GetSessionState(string sessionId, DateTime now, out byte[]? state)
    {
        using var turn = Entity.Begin(now);
        Entity.Touch(now);
        var session = FindHeld(sessionId);
        state = session?.State;
        return session is null ? SessionNotHeld() : SettleOutcome.Done;
    }

    public SettleOutcome SetSessionState(string sessionId, byte[]? state, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.Touch(now);
        if (FindHeld(sessionId) is not { } session)
        {
            return SessionNotHeld();
        }

        var growth = (state?.Length ?? 0) - session.StateSize;
        if (growth > 0 && !Entity.HasRoomFor(growth))
        {
            return SettleOutcome.QueueFull;
        }

        Entity.SizeInBytes += growth;
        session.State = state;
        session.LastUpdated = now;
        Entity.Journal.SessionStateSet(session);
        return SettleOutcome.Done;
    }

    /// <summary>
    /// The ids of sessions, in their order: those with messages or state or, if a time is given, those whose state was set after it.
    /// </summary>
    public IReadOnlyList<string> ListSessions(DateTime? updatedAfter, int skip, int top, DateTime now)
    {
        List<string> ids;
        using (var turn = Entity.Begin(now))
        {
            ids =
            [
                .. _sessions.Values
                    .Where(session => updatedAfter is { } after ? session.State is not null && session.LastUpdated > after : session.MessageCount > 0 || session.State is not null)
                    .Select(session => session.Id),
            ];
        }

        // Sorted without the lock: there may be many.
        ids.Sort(StringComparer.Ordinal);
        return [.. ids.Skip(skip).Take(top)];
    }

    /// <summary>The holder's lock has lapsed.</summary>
    internal void OnDue(Session session, DateTime now)
    {
        if (session.Holder is { } holder)
        {
            Remove(holder, now, lockLapsed: true);
            Entity.Wake(holder, holder.PostDetached(DetachReason.SessionLockLost));
        }
    }

    /// <summary>A waiting receiver's patience is over.</summary>
    internal void OnDue(SessionWaiter waiter)
    {
        if (_waiters.Remove(waiter))
        {
            Entity.Wake(waiter.Consumer, waiter.Consumer.PostSessionWaitEnded());
        }
    }

    private void Grant(Session session, Consumer consumer, DateTime now)
    {
        MarkNotFree(session);
        session.Holder = consumer;
        session.LockedUntil = Deadline.After(now, Entity.Options.LockDuration);
        Entity.Deadlines.Set(session, session.LockedUntil);
        GiveTakeOverToken(session, consumer);
        consumer.Session = session;
        _consumers.Add(consumer);
        MarkDirty(session);
    }

    /// <summary>
    /// Takes a session from its holder and makes its unsettled messages available again. They count as delivered unsuccessfully only if the lock lapsed, not
    /// if the holder closed the session (Microsoft Learn: "Message sessions", the table on delivery count).
    /// </summary>
    private void ReleaseSession(Session session, bool lockLapsed, DateTime now)
    {
        while (session.FirstLocked is { } message)
        {
            Unlock(message, countAttempt: lockLapsed, now);
        }

        session.Holder!.Session = null;
        session.Holder = null;
        session.TakeOverToken = null;
        Entity.Deadlines.Clear(session);
        if (session.Available.Count > 0)
        {
            OnSessionHasMessages(session);
        }

        ForgetIfUnused(session);
    }

    private void OnSessionHasMessages(Session session)
    {
        if (session.Holder is not null)
        {
            MarkDirty(session);
        }
        else if (_waiters.First is { } first)
        {
            var waiter = first.Value;
            _waiters.RemoveFirst();
            Entity.Deadlines.Clear(waiter);
            Grant(session, waiter.Consumer, Entity.Now);
            Entity.Wake(waiter.Consumer, waiter.Consumer.PostSessionGranted(session.Id, session.LockedUntil));
        }
        else
        {
            session.FreeNode ??= _freeSessions.AddLast(session);
        }
    }

    private void DispatchSessions(DateTime now)
    {
        foreach (var session in _dirtySessions)
        {
            while (session.Holder is { IsReady: true } holder
                && PeekLive(session.Available, now) is { } message
                && TryDeliver(session.Available, message, holder, now))
            {
            }
        }

        _dirtySessions.Clear();
    }

    private void MarkDirty(Session session)
    {
        _dirty = true;
        _dirtySessions.Add(session);
    }

    private void MarkNotFree(Session session)
    {
        if (session.FreeNode is { } node)
        {
            _freeSessions.Remove(node);
            session.FreeNode = null;
        }
    }

    private Session GetOrAddSession(string id)
    {
        if (!_sessions.TryGetValue(id, out var session))
        {
            session = new Session(id, this);
            _sessions.Add(id, session);
        }

        return session;
    }

    private Session? FindHeld(string sessionId) => _sessions.GetValueOrDefault(sessionId) is { Holder: not null } session ? session : null;

    private SettleOutcome SessionNotHeld() => Entity.IsDeleted ? SettleOutcome.QueueDeleted : SettleOutcome.SessionLockLost;

    /// <summary>Keeps the book of sessions in step when a message left one.</summary>
    private void ForgetIfUnused(Session session)
    {
        if (session.Available.Count == 0)
        {
            MarkNotFree(session);
        }

        if (session.IsForgettable)
        {
            _sessions.Remove(session.Id);
        }
    }

    private void RemoveWaiter(Consumer consumer)
    {
        for (var node = _waiters.First; node is not null; node = node.Next)
        {
            if (node.Value.Consumer == consumer)
            {
                _waiters.Remove(node);
                Entity.Deadlines.Clear(node.Value);
                return;
            }
        }
    }

    private void EndSessionWaits(DetachReason reason)
    {
        foreach (var waiter in _waiters)
        {
            Entity.Deadlines.Clear(waiter);
            Entity.Wake(waiter.Consumer, waiter.Consumer.PostDetached(reason));
        }

        _waiters.Clear();
    }
}
