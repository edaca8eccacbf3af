using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Tests.Support;

/// <summary>Takes traces over OTLP (HTTP, protobuf) and keeps which traces have a span of which name.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<(string TraceId, string Name), int> _spans = new();

    private TraceCollector(WebApplication app) => _app = app;

    public string Endpoint => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<TraceCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var collector = new TraceCollector(builder.Build());
        collector._app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            collector.Read(body.ToArray());
            return Results.Bytes([], "application/x-protobuf");
        });
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>How many spans of that name a trace has.</summary>
    /// <param name="traceId">The trace, as 32 hexadecimal digits.</param>
    /// <param name="name">The span's name.</param>
    public int Count(string traceId, string name) => _spans.GetValueOrDefault((traceId, name));

    public override string ToString() =>
        "Spans by name: "
        + $"{string.Join(", ", _spans.GroupBy(span => span.Key.Name).Select(group => $"{group.Key} {group.Sum(span => span.Value)}"))}.";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // ExportTraceServiceRequest.resource_spans (1) .scope_spans (2) .spans (2): trace_id is field 1, name is field 5.
    private void Read(byte[] request)
    {
        foreach (var resource in Fields(request, 1))
        {
            foreach (var span in Fields(resource, 2).SelectMany(scope => Fields(scope, 2)))
            {
                var name = Encoding.UTF8.GetString(Fields(span, 5).Single().Span);
                _spans.AddOrUpdate((Convert.ToHexStringLower(Fields(span, 1).Single().Span), name), 1, (_, count) => count + 1);
            }
        }
    }

    /// <summary>The length-delimited fields of that number in a protobuf message.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    if ((int)(key >> 3) == number)
                    {
                        yield return message.Slice(at, length);
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7} is not known.");
            }
        }
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message.Span[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }
    }
}
