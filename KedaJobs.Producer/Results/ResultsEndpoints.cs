using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Producer.Problems;

namespace KedaJobs.Producer.Results;

/// <summary>GET /results and POST /results/take.</summary>
internal static class ResultsEndpoints
{
    private const int MaxResults = 1_000;

    public static void MapResults(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/results")
            .WithTags("Results")
            .WithMetadata(new NeedsRole("Azure Service Bus Data Receiver", "the results queue"))
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapGet("", GetAsync)
            .WithName("GetResults")
            .WithSummary("Shows finished results")
            .WithDescription(
                """
                Shows the oldest results and leaves them in the queue, including those that another caller is taking at this moment. An
                empty array means that nothing is finished. To take results, use `POST /results/take`.

                In Azure the producer needs the role *Azure Service Bus Data Receiver* on the results queue.
                """)
            .Produces<JobResult[]>();

        group.MapPost("/take", TakeAsync)
            .WithName("TakeResults")
            .WithSummary("Takes finished results off the results queue")
            .WithDescription(
                """
                Waits about a second for the first result, then takes what is there. An empty array means that nothing was finished. A
                result leaves the queue after it has been written to the response, and before the response ends. If the call is aborted
                earlier, the results are returned to the queue for the next caller, however often that happens. A response that was written
                but never read is lost to its caller: if you cannot accept that, read the results with `GET /results` first.

                In Azure the producer needs the roles *Azure Service Bus Data Receiver* and *Azure Service Bus Data Sender* on the results
                queue.
                """)
            .Produces<JobResult[]>();
    }

    private static async Task GetAsync(
        HttpContext context,
        ResultsReader results,
        [Range(1, MaxResults)][Description("The most results to show: 1 to 1,000.")] int max = 100)
    {
        var peeked = await results.PeekAsync(max, context.RequestAborted);
        await WriteAsync(context, peeked);
    }

    private static async Task TakeAsync(
        HttpContext context,
        ResultsReader results,
        [Range(1, MaxResults)][Description("The most results to take: 1 to 1,000.")] int max = 100)
    {
        var locked = await results.LockAsync(max, context.RequestAborted);
        try
        {
            // No content length: the response is whole when its last chunk arrives, and that is sent after the results have left the queue.
            await WriteAsync(context, locked);
            await context.Response.Body.FlushAsync(context.RequestAborted);

            // A server that has lost its client writes into nothing, without an error.
            context.RequestAborted.ThrowIfCancellationRequested();
        }
        catch (Exception)
        {
            await results.ReturnAsync(locked);
            throw;
        }

        await results.CompleteAsync(locked);
    }

    private static async Task WriteAsync(HttpContext context, IEnumerable<ServiceBusReceivedMessage> messages)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(ArrayOf(messages), context.RequestAborted);
    }

    private static ReadOnlyMemory<byte> ArrayOf(IEnumerable<ServiceBusReceivedMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            writer.WriteRawValue(message.Body, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
