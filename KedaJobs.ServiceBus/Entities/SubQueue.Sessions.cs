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
    /// Gives a session to a receiver: the named one, or (null) any free one that has messages. Where there is none, the receiver waits, at
    /// most <paramref name="patience"/>, and is told.
    /// </summary>
    public AttachOutcome AttachSession(
        Consumer consumer, string? sessionId, TimeSpan patience, DateTime now, out string grantedId, out DateTime lockedUntil)
    {
        // A session that is being released is free when that is done, which can take some turns.
        AttachOutcome? outcome;
        do
        {
            outcome = TryAttachSession(consumer, sessionId, patience, now, out grantedId, out lockedUntil);
        }
        while (outcome is null);
        return outcome.Value;
    }

    private AttachOutcome? TryAttachSession(
        Consumer consumer, string? sessionId, TimeSpan patience, DateTime now, out string grantedId, out DateTime lockedUntil)
    {
        using var turn = Entity.Begin(now);
        (grantedId, lockedUntil) = ("", default);
        if (CheckAttachUnderLock(!HasSessions) is { } refused)
        {
            return refused;
        }

        Entity.TouchUnderLock(now);
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
            session = GetOrAddSessionUnderLock(sessionId);
            if (session.Holder is { IsGone: true } gone)
            {
                RemoveConsumerUnderLock(gone, now);
                session = GetOrAddSessionUnderLock(sessionId);
            }
            else if (session.Holder is not null && !session.IsHeldAt(now))
            {
                OnDueUnderLock(session, now);
                session = GetOrAddSessionUnderLock(sessionId);
            }

            if (session.IsReleasing)
            {
                return null;
            }

            if (session.Holder is { } other && !TryTakeOverUnderLock(session, other, consumer))
            {
                return AttachOutcome.SessionHeld;
            }
        }

        GrantUnderLock(session, consumer, now);
        (grantedId, lockedUntil) = (session.Id, session.LockedUntil);
        return AttachOutcome.Attached;
    }

    public SettleOutcome RenewSessionLock(string sessionId, DateTime now, out DateTime lockedUntil)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        lockedUntil = default;
        if (FindHeldUnderLock(sessionId) is not { } session)
        {
            return SessionNotHeldUnderLock();
        }

        session.LockedUntil = lockedUntil = Deadline.After(now, Entity.Options.LockDuration);
        Entity.Deadlines.Set(session, lockedUntil);
        return SettleOutcome.Done;
    }

    public SettleOutcome GetSessionState(string sessionId, DateTime now, out byte[]? state)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        var session = FindHeldUnderLock(sessionId);
        state = session?.State;
        return session is null ? SessionNotHeldUnderLock() : SettleOutcome.Done;
    }

    public SettleOutcome SetSessionState(string sessionId, byte[]? state, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        if (FindHeldUnderLock(sessionId) is not { } session)
        {
            return SessionNotHeldUnderLock();
        }

        var growth = (state?.Length ?? 0) - session.StateSize;
        if (growth > 0 && !Entity.HasRoomForUnderLock(growth))
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
                    .Where(session => updatedAfter is { } after
                        ? session.State is not null && session.LastUpdated > after
                        : session.MessageCount > 0 || session.State is not null)
                    .Select(session => session.Id),
            ];
        }

        // Sorted without the lock: there may be many.
        ids.Sort(StringComparer.Ordinal);
        return [.. ids.Skip(skip).Take(top)];
    }

    /// <summary>The holder's lock has lapsed, or the session's release is to go on.</summary>
    internal void OnDueUnderLock(Session session, DateTime now)
    {
        if (session.Holder is { } holder)
        {
            RemoveConsumerUnderLock(holder, now, lockLapsed: true);
            Entity.WakeUnderLock(holder, holder.PostDetached(DetachReason.SessionLockLost));
        }
        else
        {
            ReturnLockedUnderLock(session, now);
        }
    }

    /// <summary>A waiting receiver's patience is over.</summary>
    internal void OnDueUnderLock(SessionWaiter waiter)
    {
        if (_waiters.Remove(waiter))
        {
            Entity.WakeUnderLock(waiter.Consumer, waiter.Consumer.PostSessionWaitEnded());
        }
    }

    private void GrantUnderLock(Session session, Consumer consumer, DateTime now)
    {
        MarkNotFreeUnderLock(session);
        session.Holder = consumer;
        session.LockedUntil = Deadline.After(now, Entity.Options.LockDuration);
        Entity.Deadlines.Set(session, session.LockedUntil);
        GiveTakeOverTokenUnderLock(session, consumer);
        consumer.Session = session;
        _consumers.Add(consumer);
        MarkDirtyUnderLock(session);
    }

    /// <summary>
    /// Takes a session from its holder and makes its unsettled messages available again. They count as delivered unsuccessfully only if the
    /// lock lapsed, not if the holder closed the session (Microsoft Learn: "Message sessions", the table on delivery count).
    /// </summary>
    private void ReleaseSessionUnderLock(Session session, bool lockLapsed, DateTime now)
    {
        session.Holder!.Session = null;
        session.Holder = null;
        session.TakeOverToken = null;
        session.HasLapsed = lockLapsed;
        Entity.Deadlines.Clear(session);
        ReturnLockedUnderLock(session, now);
    }

    /// <summary>
    /// Returns what a holder had in hand, as much of it as a turn does. Nobody gets the session before all of it is back.
    /// </summary>
    private void ReturnLockedUnderLock(Session session, DateTime now)
    {
        while (session.FirstLocked is { } message)
        {
            if (!Entity.TryDoOneMoreUnderLock())
            {
                Entity.Deadlines.Set(session, now);
                return;
            }

            UnlockUnderLock(message, countAttempt: session.HasLapsed, now);
        }

        if (session.Available.Count > 0)
        {
            OnSessionHasMessagesUnderLock(session);
        }

        ForgetIfUnusedUnderLock(session);
    }

    private void OnSessionHasMessagesUnderLock(Session session)
    {
        if (session.IsReleasing)
        {
            return;
        }

        if (session.Holder is not null)
        {
            MarkDirtyUnderLock(session);
        }
        else if (_waiters.First is { } first)
        {
            var waiter = first.Value;
            _waiters.RemoveFirst();
            Entity.Deadlines.Clear(waiter);
            GrantUnderLock(session, waiter.Consumer, Entity.Now);
            Entity.WakeUnderLock(waiter.Consumer, waiter.Consumer.PostSessionGranted(session.Id, session.LockedUntil));
        }
        else
        {
            session.FreeNode ??= _freeSessions.AddLast(session);
        }
    }

    private void DispatchSessionsUnderLock(DateTime now)
    {
        foreach (var session in _dirtySessions)
        {
            while (session.Holder is { IsReady: true } holder
                && PeekLiveUnderLock(session.Available, now) is { } message
                && TryDeliverUnderLock(session.Available, message, holder, now))
            {
            }
        }

        // Where more had expired than a turn does, the next looks at all of them again.
        if (!_dirty)
        {
            _dirtySessions.Clear();
        }
    }

    private void MarkDirtyUnderLock(Session session)
    {
        _dirty = true;
        _dirtySessions.Add(session);
    }

    private void MarkNotFreeUnderLock(Session session)
    {
        if (session.FreeNode is { } node)
        {
            _freeSessions.Remove(node);
            session.FreeNode = null;
        }
    }

    private Session GetOrAddSessionUnderLock(string id)
    {
        if (!_sessions.TryGetValue(id, out var session))
        {
            session = new Session(id, this);
            _sessions.Add(id, session);
        }

        return session;
    }

    private Session? FindHeldUnderLock(string sessionId) =>
        _sessions.GetValueOrDefault(sessionId) is { } session && session.IsHeldAt(Entity.Now) ? session : null;

    private SettleOutcome SessionNotHeldUnderLock() => Entity.IsDeleted ? SettleOutcome.QueueDeleted : SettleOutcome.SessionLockLost;

    /// <summary>Keeps the book of sessions in step when a message left one.</summary>
    private void ForgetIfUnusedUnderLock(Session session)
    {
        if (session.Available.Count == 0)
        {
            MarkNotFreeUnderLock(session);
        }

        if (session.IsForgettable)
        {
            _sessions.Remove(session.Id);
        }
    }

    private void RemoveWaiterUnderLock(Consumer consumer)
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

    private void EndSessionWaitsUnderLock(DetachReason reason)
    {
        foreach (var waiter in _waiters)
        {
            Entity.Deadlines.Clear(waiter);
            Entity.WakeUnderLock(waiter.Consumer, waiter.Consumer.PostDetached(reason));
        }

        _waiters.Clear();
    }
}
