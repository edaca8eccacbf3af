using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Producer.Problems;

namespace KedaJobs.Producer.Results;

/// <summary>GET /results.</summary>
internal static class ResultsEndpoint
{
    private const int MaxResults = 1_000;

    public static void MapResults(this IEndpointRouteBuilder app) => app
        .MapGet("/results", GetAsync)
        .WithName("GetResults")
        .WithTags("Results")
        .WithSummary("Takes finished results off the results queue")
        .WithDescription(
            """
            Waits about a second for the first result, then takes what is there. An empty array means that nothing was finished. Every result is
            taken off the queue once: after the answer has been written, and before it ends. A caller who goes away earlier loses nothing, the results
            are there for the next.

            In Azure the producer needs the role *Azure Service Bus Data Receiver* on the results queue.
            """)
        .WithMetadata(new NeedsRole("Azure Service Bus Data Receiver", "the results queue"))
        .Produces<JobResult[]>()
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task GetAsync(
        HttpContext context,
        ResultsReader results,
        [Range(1, MaxResults)][Description("The most results to take: 1 to 1,000.")] int max = 100)
    {
        var locked = await results.LockAsync(max, context.RequestAborted);
        try
        {
            // No content length: the answer is whole when its last chunk arrives, and that is sent after the results have left the queue.
            context.Response.ContentType = "application/json";
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.Body.WriteAsync(ArrayOf(locked), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        catch (Exception)
        {
            await results.GiveBackAsync(locked);
            throw;
        }

        await results.CompleteAsync(locked);
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
