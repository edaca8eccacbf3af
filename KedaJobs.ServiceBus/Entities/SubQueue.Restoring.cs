namespace KedaJobs.ServiceBus.Entities;

/// <summary>Bringing back what a journal describes.</summary>
internal sealed partial class SubQueue
{
    internal void RestoreSessionState(RestoredSessionState restored)
    {
        var session = GetOrAddSession(restored.SessionId);
        (session.State, session.LastUpdated, session.JournalPlace) = (restored.State, restored.LastUpdated, restored.JournalPlace);
        Entity.SizeInBytes += session.StateSize;
    }

    /// <summary>Takes in a message. One that was being delivered has lost its lock with the process that held it, which is an unsuccessful delivery.</summary>
    internal void Restore(in RestoredMessage restored, DateTime now)
    {
        var message = restored.Message;
        Add(message);
        if (restored.WasDelivering)
        {
            Unlock(message, countAttempt: true, now);
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
                MakeAvailable(message, isNew: false);
                break;
        }
    }
}
