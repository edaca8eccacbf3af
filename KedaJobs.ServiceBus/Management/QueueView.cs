using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Management;

/// <summary>What an administration client sees of a queue.</summary>
internal sealed record QueueView(
    string Name, QueueOptions Options, MessageCounts Counts, DateTime CreatedAt, DateTime UpdatedAt, DateTime AccessedAt)
{
    public static QueueView Of(QueueEntity queue, DateTime now) =>
        new(queue.ShownName, queue.Options, queue.Count(now), queue.CreatedAt, queue.UpdatedAt, queue.AccessedAt);
}
