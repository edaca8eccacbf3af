using System.ComponentModel;
using KedaJobs.Producer.Problems;

namespace KedaJobs.Producer.Queue;

/// <summary>GET /queue.</summary>
internal static class QueueEndpoint
{
    public static void MapQueue(this IEndpointRouteBuilder app) => app
        .MapGet("/queue", (QueueCountReader counts, CancellationToken cancellationToken) => counts.ReadAsync(cancellationToken))
        .WithName("GetQueue")
        .WithTags("Queue")
        .WithSummary("How many messages the jobs queue holds")
        .WithDescription(
            """
            The counts that the scale rule reads. `active` includes messages that a worker has in hand.

            In Azure the producer needs the role *Azure Service Bus Data Owner* on the namespace, because the management API asks for the
            Manage claim. A deployment gives it less on purpose: without the role the answer is 403, and the portal shows the counts.
            """)
        .WithMetadata(new NeedsRole("Azure Service Bus Data Owner", "the namespace"))
        .Produces<QueueState>()
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
}

/// <summary>Answer of GET /queue.</summary>
/// <param name="Queue">The queue's name.</param>
/// <param name="Active">Messages that wait or that a worker is handling.</param>
/// <param name="DeadLetter">Messages in the dead-letter queue.</param>
/// <param name="Scheduled">Messages that become active later.</param>
public sealed record QueueState(
    [property: Description("The queue's name.")] string Queue,
    [property: Description("Messages that wait or that a worker is handling.")] long Active,
    [property: Description("Messages in the dead-letter queue.")] long DeadLetter,
    [property: Description("Messages that become active later.")] long Scheduled);
