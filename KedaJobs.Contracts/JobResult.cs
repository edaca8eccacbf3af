using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KedaJobs.Contracts;

/// <summary>
/// The body of a message on the results queue, as JSON. Its MessageId is the job's id, so duplicate detection drops a second one.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record JobResult
{
    /// <summary>The job's id.</summary>
    [Description("The job's id, as given to or by POST /jobs.")]
    public required string Id { get; init; }

    /// <summary>Name of the task.</summary>
    [Description("Name of the task.")]
    public required string Task { get; init; }

    /// <summary>What the handler returned: a JSON object of the shape that the task's contract describes.</summary>
    [Description("What the task's handler returned.")]
    public required JsonElement Output { get; init; }

    /// <summary>Name of the execution that did the work, as Container Apps (or the local KEDA) gave it.</summary>
    [Description("Name of the job execution that did the work.")]
    public required string Execution { get; init; }

    /// <summary>Which delivery of the message succeeded, counted from 1.</summary>
    [Description("Which delivery of the message succeeded, counted from 1.")]
    public required int Attempt { get; init; }

    /// <summary>How long the handler took, in milliseconds.</summary>
    [Description("How long the handler took, in milliseconds.")]
    public required double DurationMs { get; init; }

    /// <summary>When the handler was done (UTC).</summary>
    [Description("When the handler was done (UTC).")]
    public required DateTimeOffset FinishedAt { get; init; }
}
