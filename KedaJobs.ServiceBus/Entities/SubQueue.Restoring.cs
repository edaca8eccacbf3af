namespace KedaJobs.ServiceBus.Entities;

/// <summary>Bringing back what a journal describes.</summary>
internal sealed partial class SubQueue
{
    internal void RestoreSessionStateUnderLock(RestoredSessionState restored)
    {
        var session = GetOrAddSessionUnderLock(restored.SessionId);
        (session.State, session.LastUpdated, session.JournalPlace) = (restored.State, restored.LastUpdated, restored.JournalPlace);
        Entity.SizeInBytes += session.StateSize;
    }

    internal void RestoreUnderLock(IReadOnlyList<RestoredMessage> messages, DateTime now)
    {
        foreach (var message in messages)
        {
            RestoreUnderLock(message, now);
        }
    }

    /// <summary>
    /// Takes in a message. One that was being delivered has lost its lock with the process that held it, which is an unsuccessful delivery.
    /// </summary>
    private void RestoreUnderLock(in RestoredMessage restored, DateTime now)
    {
        var message = restored.Message;
        AddUnderLock(message);
        if (restored.WasDelivering)
        {
            UnlockUnderLock(message, countAttempt: true, now);
            return;
        }

        switch (message.State)
        {
            case MessageState.Scheduled:
                message.Place = MessagePlace.Aside;
                Entity.Deadlines.Set(message, message.Content.ScheduledEnqueueTime ?? DateTime.MinValue);
                break;
            case MessageState.Deferred:
                message.Place = MessagePlace.Aside;
                break;
            default:
                MakeAvailableUnderLock(message, isNew: false);
                break;
        }
    }
}
