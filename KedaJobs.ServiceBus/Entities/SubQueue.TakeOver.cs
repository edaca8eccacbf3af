namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Sessions that are not held exclusively: a receiver that presents the token that the holder was given takes over the session
/// (documentation of the .NET client 7.21, ServiceBusSessionReceiverOptions.EnableNonExclusiveSession).
/// </summary>
internal sealed partial class SubQueue
{
    /// <summary>
    /// Takes a session from its holder for a receiver that shows its token. What the holder has in hand stays locked, and
    /// can still be settled by its lock tokens.
    /// </summary>
    private bool TryTakeOverUnderLock(Session session, Consumer holder, Consumer consumer)
    {
        if (session.TakeOverToken is not { } token || consumer.TakeOverToken != token)
        {
            return false;
        }

        _consumers.Remove(holder);
        _draining.Remove(holder);
        holder.Limit = holder.Assigned;
        holder.Session = null;
        session.Holder = null;
        Entity.WakeUnderLock(holder, holder.PostDetached(DetachReason.SessionLockLost));
        return true;
    }

    /// <summary>
    /// The token stays the same for as long as the session goes from one to the next; a session that was free gets another.
    /// </summary>
    private static void GiveTakeOverTokenUnderLock(Session session, Consumer consumer)
    {
        var isTakenOver = session.TakeOverToken is { } token && consumer.TakeOverToken == token;
        session.TakeOverToken = !consumer.IsNonExclusive ? null : isTakenOver ? session.TakeOverToken : Guid.NewGuid();
        consumer.TakeOverToken = session.TakeOverToken;
    }
}
