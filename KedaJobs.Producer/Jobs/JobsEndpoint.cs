using System.Globalization;
using System.Text.Json;
using KedaJobs.Producer.Problems;

namespace KedaJobs.Producer.Jobs;

/// <summary>POST /jobs.</summary>
internal static class JobsEndpoint
{
    public const string Route = "/jobs";

    private static readonly JsonDocumentOptions JsonOptions = new() { AllowDuplicateProperties = false };

    // The body is read by hand: whatever content type a caller claims (curl -d says form data), and with errors that name the field.
    public static void MapJobs(this IEndpointRouteBuilder app) => app
        .MapPost(Route, PostAsync)
        .WithName("PostJobs")
        .WithTags("Jobs")
        .WithSummary("Accepts one job or an array of jobs")
        .WithDescription(
            """
            Checks the whole request first: if anything is wrong with it, nothing is enqueued. Then every job becomes a message on the jobs
            queue, its id being the message's id; a job without an id gets one. 202 means that the queue has them all.

            To repeat a request safely, give each job an `id`, or send the header `Idempotency-Key`: it becomes the id of a job without one
            (in an array KEY-0, KEY-1, ... by position). The same request then gets the same answer. Where the jobs queue has duplicate
            detection, it drops a second message with an id that it has seen within its history window, whatever the message's body is.
            Without duplicate detection, or after that window, the job is done again.

            503 means that it may not: `accepted` lists what the queue has, `unconfirmed` what it may have, `notSent` what it has not. Post
            the latter two again under the same ids. Where the jobs queue has duplicate detection, that enqueues none twice; without it a
            job of `unconfirmed` may be done twice, and duplicate detection on the results queue still shows its result once.

            In Azure the producer needs the role *Azure Service Bus Data Sender* on the jobs queue.
            """)
        .WithMetadata(new NeedsRole("Azure Service Bus Data Sender", "the jobs queue"))
        .Produces<JobsAccepted>(StatusCodes.Status202Accepted)
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> PostAsync(
        HttpRequest request, JobSender sender, TimeProvider time, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var jobs = await ReadAsync(request, time, errors, cancellationToken);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        SendReport report;
        try
        {
            using var batches = await sender.PackAsync([.. jobs.Select(sender.MessageOf)]);
            foreach (var index in batches.TooLarge)
            {
                var path = jobs.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"[{index}]");
                errors.Add(
                    JobRequestReader.Field(path, "input"),
                    $"is too large: a message may have {batches.MaxSizeInBytes:N0} bytes, everything included.");
            }

            if (errors.Any)
            {
                return errors.ToProblem();
            }

            report = await sender.SendAsync(batches);
        }
        catch (Exception e)
        {
            report = new SendReport([], [], [.. Enumerable.Range(0, jobs.Count)], e);
        }

        return report.Failure is null
            ? TypedResults.Accepted("/results", new JobsAccepted([.. jobs.Select(job => job.Id)]))
            : Refused(request.HttpContext, jobs, report);
    }

    private static async Task<IReadOnlyList<Job>> ReadAsync(
        HttpRequest request, TimeProvider time, FieldErrors errors, CancellationToken cancellationToken)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, JsonOptions, cancellationToken);

            // Ids in the order of time: logs and queues are easier to read.
            return JobRequestReader.Read(
                body.RootElement.Clone(), IdempotencyKey.Of(request), () => Guid.CreateVersion7(time.GetUtcNow()).ToString("n"), errors);
        }
        catch (JsonException e)
        {
            errors.Add("body", $"cannot be read as JSON: {e.Message}");
            return [];
        }
    }

    private static IResult Refused(HttpContext context, IReadOnlyList<Job> jobs, SendReport report)
    {
        var problem = BrokerProblem.Of(report.Failure!, NeedsRole.Of(context.GetEndpoint()))
            ?? new BrokerProblem(
                StatusCodes.Status500InternalServerError, "The jobs could not be enqueued.", report.Failure!.Message, null);
        return problem.ToResult(context, new Dictionary<string, object?>
        {
            ["accepted"] = Ids(report.Accepted),
            ["unconfirmed"] = Ids(report.Unconfirmed),
            ["notSent"] = Ids(report.NotSent),
        });

        IEnumerable<string> Ids(IEnumerable<int> indexes) => indexes.Select(index => jobs[index].Id);
    }
}

/// <summary>Answer of POST /jobs.</summary>
/// <param name="Ids">Ids of the jobs, in the order of the request.</param>
public sealed record JobsAccepted(IReadOnlyList<string> Ids);
