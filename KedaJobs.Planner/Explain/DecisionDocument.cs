using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Planner.Explain;

/// <summary>A decision with everything there is to say about it.</summary>
internal sealed record DecisionDocument(
    bool IsActive,
    bool IsError,
    long QueueLength,
    long MaxScale,
    long EffectiveMax,
    long Start,
    string ReadyState,
    string ReadyReason,
    IReadOnlyList<string> Reasons)
{
    public static DecisionDocument Of(ScaleDecision decision) => new(
        decision.IsActive,
        decision.IsError,
        decision.QueueLength,
        decision.MaxScale,
        decision.EffectiveMax,
        decision.Start,
        decision.ReadyState.ToString(),
        decision.ReadyReason,
        decision.Reasons);
}

/// <summary>A decision among thousands.</summary>
internal readonly record struct DecisionLine(bool IsActive, bool IsError, long QueueLength, long MaxScale, long Start)
{
    public static DecisionLine Of(ScaleDecision decision) =>
        new(decision.IsActive, decision.IsError, decision.QueueLength, decision.MaxScale, decision.Start);
}

/// <summary>The output in place of a decision if a line is not a poll.</summary>
internal readonly record struct ErrorLine(long Line, string Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DecisionDocument))]
[JsonSerializable(typeof(DecisionLine))]
[JsonSerializable(typeof(ErrorLine))]
internal sealed partial class DecisionJson : JsonSerializerContext
{
    // Read by people and by programs, never by a browser: no need to escape quotes and the like.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>One value on one line.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Encoder = Encoder, SkipValidation = true };

    /// <summary>One value over several lines.</summary>
    public static JsonWriterOptions Indented { get; } = new() { Encoder = Encoder, Indented = true, NewLine = "\n" };
}
