using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using KedaJobs.Producer.Problems;

namespace KedaJobs.Producer.DeadLetters;

/// <summary>GET /dead-letter and POST /dead-letter/requeue.</summary>
internal static class DeadLetterEndpoints
{
    private const int Max = 1_000;

    public static void MapDeadLetters(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/dead-letter")
            .WithTags("Dead letters")
            .WithMetadata(new NeedsRole("Azure Service Bus Data Receiver", "the jobs queue"))
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapGet("", GetAsync)
            .WithName("GetDeadLetters")
            .WithSummary("Shows why jobs are in the dead-letter queue")
            .WithDescription(
                """
                Looks at the oldest dead letters and leaves them where they are. `error` is the text of the error that ended the last
                attempt.

                In Azure the producer needs the role *Azure Service Bus Data Receiver* on the jobs queue.
                """)
            .Produces<DeadLetter[]>();

        group.MapPost("/requeue", RequeueAsync)
            .WithName("RequeueDeadLetters")
            .WithSummary("Puts dead letters back into the jobs queue")
            .WithDescription(
                """
                Sends a copy of each to the jobs queue (the job keeps its id, its deliveries are counted anew), then removes it here. A
                failure in between can leave a job in both queues: it is never lost, and may be done twice. Without `id` all dead letters
                are put back, up to `max`.

                With `id` the job must be among the oldest 1,000 dead letters: Service Bus hands out a dead letter only after all older
                ones. A call takes half a minute at most. If `complete` is false, there may be more to put back: call again.

                In Azure the producer needs the roles *Azure Service Bus Data Receiver* and *Azure Service Bus Data Sender* on the jobs
                queue.
                """)
            .Produces<RequeueAnswer>()
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IReadOnlyList<DeadLetter>> GetAsync(
        DeadLetterQueue deadLetters,
        CancellationToken cancellationToken,
        [Range(1, Max)][Description("The most dead letters to show: 1 to 1,000.")] int max = 100) =>
        await deadLetters.PeekAsync(max, cancellationToken);

    private static async Task<IResult> RequeueAsync(
        HttpContext context,
        DeadLetterQueue deadLetters,
        [Description("Only the job of this id.")] string? id = null,
        [Range(1, Max)][Description("The most dead letters to put back: 1 to 1,000.")] int max = Max)
    {
        var report = await deadLetters.RequeueAsync(id, max, context.RequestAborted);
        if (report is { Failure: null, LookedAt: { } lookedAt, Ids: [] })
        {
            return TypedResults.Problem(
                $"Job '{id}' is not among the oldest {lookedAt:N0} dead letters, and only those can be put back by their id. "
                    + "Put back or remove older ones first.",
                statusCode: StatusCodes.Status409Conflict,
                title: "The dead letter cannot be reached by its id.");
        }

        if (report.Failure is null)
        {
            return TypedResults.Ok(new RequeueAnswer(report.Ids.Count, report.Ids, report.IsComplete && report.LookedAt is null));
        }

        var problem = BrokerProblem.Of(report.Failure, NeedsRole.Of(context.GetEndpoint()))
            ?? new BrokerProblem(
                StatusCodes.Status500InternalServerError, "Not every dead letter was put back.", report.Failure.Message, null);
        return problem.ToResult(context, new Dictionary<string, object?> { ["requeued"] = report.Ids.Count, ["ids"] = report.Ids });
    }
}

/// <summary>Answer of POST /dead-letter/requeue.</summary>
/// <param name="Requeued">How many dead letters were put back.</param>
/// <param name="Ids">Ids of their jobs.</param>
/// <param name="Complete">Whether everything that was asked for was put back.</param>
public sealed record RequeueAnswer(
    [property: Description("How many dead letters were put back.")] int Requeued,
    [property: Description("Ids of their jobs.")] IReadOnlyList<string> Ids,
    [property: Description("Whether everything that was asked for was put back; false if there may be more.")] bool Complete);
