namespace KedaJobs.ServiceBus.Entities;

/// <summary>The work that a turn leaves to be done after no entity's lock is held any more.</summary>
/// <param name="wakeAt">Called with <paramref name="due"/>, or null.</param>
/// <param name="due">The entity's earliest deadline.</param>
/// <param name="wake">The first of the consumers that something was posted to.</param>
/// <param name="others">The same of other entities' turns within this one.</param>
/// <param name="actions">What else is to be done.</param>
internal readonly struct PostTurnWork(
    Action<DateTime>? wakeAt, DateTime due, Consumer? wake, List<PostTurnWork>? others, List<Action>? actions)
{
    public bool IsEmpty => wakeAt is null && wake is null && others is null && actions is null;

    public void Run()
    {
        wakeAt?.Invoke(due);
        for (var consumer = wake; consumer is not null;)
        {
            // Taken off before: woken again, it may stand in the next turn's list.
            var next = consumer.NextWake;
            consumer.NextWake = null;
            consumer.Pump();
            consumer = next;
        }

        if (others is not null)
        {
            foreach (var other in others)
            {
                other.Run();
            }
        }

        if (actions is not null)
        {
            foreach (var action in actions)
            {
                action();
            }
        }
    }
}
