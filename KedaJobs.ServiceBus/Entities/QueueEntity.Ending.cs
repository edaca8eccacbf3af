namespace KedaJobs.ServiceBus.Entities;

/// <summary>The end of a queue: on request, or because nobody used it for as long as its options say.</summary>
internal sealed partial class QueueEntity
{
    /// <summary>
    /// Deletes the queue, and with a topic its subscriptions, if it is still idle. The look and the deletion are one turn: what came in
    /// before keeps the queue, what comes after is refused. The caller keeps subscriptions from being added meanwhile.
    /// </summary>
    /// <returns>Whether it is deleted now. If not, it is looked at again in time.</returns>
    public bool DeleteIfIdle(DateTime now)
    {
        using var turn = Begin(now);
        if (IsDeleted)
        {
            return false;
        }

        if (!IsIdleUnderLock(out var used) || !DeleteIdleSubscriptionsUnderLock(0, now))
        {
            WatchAgainUnderLock(used);
            return false;
        }

        EndEntityUnderLock();
        return true;
    }

    private void EndEntityUnderLock()
    {
        if (IsDeleted)
        {
            return;
        }

        IsDeleted = true;
        Main.DetachAllUnderLock(DetachReason.QueueDeleted);
        DeadLetter.DetachAllUnderLock(DetachReason.QueueDeleted);
        TransferDeadLetter.DetachAllUnderLock(DetachReason.QueueDeleted);
        Journal.Deleted(this);
    }

    /// <summary>
    /// Deletes all subscriptions from one on, or none: each is held, under the topic's lock, until all were looked at. They end before
    /// their topic, so that none is ever without it in the journal.
    /// </summary>
    private bool DeleteIdleSubscriptionsUnderLock(int index, DateTime now)
    {
        if (Topic is not { } topic || index == topic.Subscriptions.Count)
        {
            return true;
        }

        var queue = topic.Subscriptions[index].Queue;
        queue.Enter(now);
        try
        {
            var isIdle = !queue.IsReceivedFrom && Deadline.After(queue.LastUse, Options.AutoDeleteOnIdle) <= now;
            if (!isIdle || !DeleteIdleSubscriptionsUnderLock(index + 1, now))
            {
                return false;
            }

            queue.EndEntityUnderLock();
            return true;
        }
        finally
        {
            AfterwardsUnderLock(queue.Leave());
        }
    }

    private void ArmIdleWatchUnderLock() => Deadlines.Set(_idleWatch, Deadline.After(LastUse, Options.AutoDeleteOnIdle));

    private void OnIdleWatchDueUnderLock()
    {
        if (IsIdleUnderLock(out var used))
        {
            AfterwardsUnderLock(() => IdleTimeOver?.Invoke(this));
        }
        else
        {
            WatchAgainUnderLock(used);
        }
    }

    /// <param name="used">The last use, also of a topic's subscriptions.</param>
    private bool IsIdleUnderLock(out DateTime used)
    {
        used = LastUse;
        if (Topic is { } topic && topic.LastUseOfSubscriptions is var below && below > used)
        {
            used = below;
        }

        return Deadline.After(used, Options.AutoDeleteOnIdle) <= Now
            && !IsReceivedFrom
            && Main.ScheduledCount == 0
            && Topic is not { IsReceivedFrom: true };
    }

    /// <summary>
    /// While somebody receives or a message is scheduled, there is no later use to count from: look again after the full time.
    /// </summary>
    private void WatchAgainUnderLock(DateTime used) => Deadlines.Set(
        _idleWatch, Deadline.After(used > Now - Options.AutoDeleteOnIdle ? used : Now, Options.AutoDeleteOnIdle));

    private sealed class IdleWatch(QueueEntity entity) : Deadline
    {
        public QueueEntity Entity { get; } = entity;
    }
}
