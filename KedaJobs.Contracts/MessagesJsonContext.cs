using System.Text.Json.Serialization;

namespace KedaJobs.Contracts;

/// <summary>
/// JSON of everything on the queues: names in camel case, unknown fields refused (a mistyped optional
/// field would otherwise do nothing, silently).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DelayInput))]
[JsonSerializable(typeof(DelayOutput))]
[JsonSerializable(typeof(FailInput))]
[JsonSerializable(typeof(FailOutput))]
[JsonSerializable(typeof(JobMessage))]
[JsonSerializable(typeof(JobResult))]
[JsonSerializable(typeof(PrimesInput))]
[JsonSerializable(typeof(PrimesOutput))]
[JsonSerializable(typeof(WordCountInput))]
[JsonSerializable(typeof(WordCountOutput))]
public sealed partial class MessagesJsonContext : JsonSerializerContext;
