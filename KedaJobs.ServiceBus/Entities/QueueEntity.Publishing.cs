namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Messages of a topic on their way to its subscriptions. The topic publishes under its own lock and takes those of its
/// subscriptions one after the other: so all subscriptions see one order. A topic's lock comes before its subscriptions', and no
/// entity is called with a subscription's lock held.
/// </summary>
internal sealed partial class QueueEntity
{
    /// <summary>
    /// Takes in what a subscription gets of a published message: its copies and, where a rule failed, the message among the dead letters.
    /// </summary>
    /// <returns>What is to be handed over once the topic's lock is released.</returns>
    internal PostTurnWork Take(BrokerMessage published, List<MessageContent> copies, string? failure, DateTime now)
    {
        Enter(now);
        PostTurnWork work;
        try
        {
            if (!IsDeleted)
            {
                foreach (var content in copies)
                {
                    TakeCopyUnderLock(CopyOfUnderLock(published, content));
                }

                if (failure is not null)
                {
                    Main.AddUndeliverableUnderLock(CopyOfUnderLock(published, published.Content), "FilterEvaluationException", failure);
                }
            }
        }
        finally
        {
            work = Leave();
        }

        return work;
    }

    private void TakeCopyUnderLock(BrokerMessage copy)
    {
        if (Options.RequiresSession && string.IsNullOrEmpty(copy.Content.SessionId))
        {
            // The sender cannot know what the subscriptions need (Microsoft Learn: "Overview of Service Bus dead-letter queues").
            Main.AddUndeliverableUnderLock(
                copy, "Session ID is null.", "Session enabled entity doesn't allow a message whose session identifier is null.");
        }
        else
        {
            Main.AddActiveUnderLock(copy);
        }
    }

    private BrokerMessage CopyOfUnderLock(BrokerMessage published, MessageContent content) => new(content)
    {
        SequenceNumber = NextSequenceNumberUnderLock(),
        EnqueuedSequenceNumber = published.EnqueuedSequenceNumber,
        EnqueuedTime = Now,
        DeadLetterSource = published.DeadLetterSource,
        Hops = published.Hops,
    };
}
