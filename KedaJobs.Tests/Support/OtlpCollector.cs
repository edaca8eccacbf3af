using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Tests.Support;

/// <summary>A span as an exporter sent it; ids in hexadecimal.</summary>
internal sealed record CollectedSpan(string Service, string TraceId, string SpanId, string ParentId, string Name)
{
    public Dictionary<string, string> Tags { get; } = [];

    public List<(string TraceId, string SpanId)> Links { get; } = [];

    public bool IsError { get; set; }
}

/// <summary>Takes the traces of other processes: an OTLP endpoint (HTTP, protobuf) on this machine.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly WebApplication _server;

    private OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapPost("/v1/traces", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Read(new CodedInputStream(body.ToArray()), (field, request) =>
            {
                if (field == 1)
                {
                    ReadResourceSpans(request);
                }
            });
        });

        // Logs and metrics come, too.
        _server.MapFallback(() => Results.Ok());
    }

    /// <summary>What OTEL_EXPORTER_OTLP_ENDPOINT is to be, with the protocol http/protobuf.</summary>
    public string Endpoint => _server.Urls.Single();

    public IReadOnlyList<CollectedSpan> Spans(string traceId) => [.. _spans.Where(span => span.TraceId == traceId)];

    /// <summary>The span with this id in any trace, or null.</summary>
    public CollectedSpan? Find(string spanId) => _spans.FirstOrDefault(span => span.SpanId == spanId);

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._server.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
    private void ReadResourceSpans(CodedInputStream resourceSpans)
    {
        var service = "";
        Read(resourceSpans, (field, part) =>
        {
            if (field == 1)
            {
                var attributes = new Dictionary<string, string>();
                Read(part, (number, attribute) => ReadAttribute(number == 1 ? attribute : null, attributes));
                service = attributes.GetValueOrDefault("service.name", "");
            }
            else if (field == 2)
            {
                // ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; }
                Read(part, (number, span) =>
                {
                    if (number == 2)
                    {
                        _spans.Enqueue(ReadSpan(span, service));
                    }
                });
            }
        });
    }

    // Span { trace_id = 1; span_id = 2; parent_span_id = 4; name = 5; attributes = 9; links = 13; status = 15 }
    private static CollectedSpan ReadSpan(CodedInputStream input, string service)
    {
        string traceId = "", spanId = "", parentId = "", name = "";
        var tags = new Dictionary<string, string>();
        var links = new List<(string, string)>();
        var isError = false;
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    traceId = Id(input);
                    break;
                case 2:
                    spanId = Id(input);
                    break;
                case 4:
                    parentId = Id(input);
                    break;
                case 5:
                    name = input.ReadString();
                    break;
                case 9:
                    ReadAttribute(Part(input), tags);
                    break;
                case 13:
                    string linkedTrace = "", linkedSpan = "";
                    var link = Part(input);
                    while (link.ReadTag() is not 0 and var linkTag)
                    {
                        switch (WireFormat.GetTagFieldNumber(linkTag))
                        {
                            case 1:
                                linkedTrace = Id(link);
                                break;
                            case 2:
                                linkedSpan = Id(link);
                                break;
                            default:
                                link.SkipLastField();
                                break;
                        }
                    }

                    links.Add((linkedTrace, linkedSpan));
                    break;
                case 15:
                    // Status { message = 2; code = 3 }, of which 2 is an error.
                    var status = Part(input);
                    while (status.ReadTag() is not 0 and var statusTag)
                    {
                        if (WireFormat.GetTagFieldNumber(statusTag) == 3)
                        {
                            isError = status.ReadEnum() == 2;
                        }
                        else
                        {
                            status.SkipLastField();
                        }
                    }

                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        var span = new CollectedSpan(service, traceId, spanId, parentId, name) { IsError = isError };
        foreach (var (key, value) in tags)
        {
            span.Tags[key] = value;
        }

        span.Links.AddRange(links);
        return span;
    }

    // KeyValue { string key = 1; AnyValue value = 2; }, AnyValue { string 1, bool 2, int 3, double 4 }
    private static void ReadAttribute(CodedInputStream? attribute, Dictionary<string, string> attributes)
    {
        if (attribute is null)
        {
            return;
        }

        string key = "", value = "";
        while (attribute.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    key = attribute.ReadString();
                    break;
                case 2:
                    var any = Part(attribute);
                    while (any.ReadTag() is not 0 and var anyTag)
                    {
                        switch (WireFormat.GetTagFieldNumber(anyTag))
                        {
                            case 1:
                                value = any.ReadString();
                                break;
                            case 2:
                                value = any.ReadBool() ? "true" : "false";
                                break;
                            case 3:
                                value = any.ReadInt64().ToString(CultureInfo.InvariantCulture);
                                break;
                            case 4:
                                value = any.ReadDouble().ToString(CultureInfo.InvariantCulture);
                                break;
                            default:
                                any.SkipLastField();
                                break;
                        }
                    }

                    break;
                default:
                    attribute.SkipLastField();
                    break;
            }
        }

        attributes[key] = value;
    }

    /// <summary>Passes on every field that holds a message.</summary>
    private static void Read(CodedInputStream input, Action<int, CodedInputStream> part)
    {
        while (input.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                part(WireFormat.GetTagFieldNumber(tag), Part(input));
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    private static CodedInputStream Part(CodedInputStream input) => new(input.ReadBytes().ToByteArray());

    private static string Id(CodedInputStream input) => Convert.ToHexStringLower(input.ReadBytes().Span);
}
