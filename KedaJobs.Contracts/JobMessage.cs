using System.Text.Json;
using System.Text.Json.Serialization;

namespace KedaJobs.Contracts;

/// <summary>
/// The body of a message on the jobs queue, as JSON. The job's id is the message's MessageId (see
/// <see cref="JobProperties.JobId"/> for the one exception), and the message's ReplyTo names the queue that wants the
/// <see cref="JobResult"/>. Fields that a newer producer adds are ignored.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record JobMessage
{
    /// <summary>The most characters that a job's id may have: Service Bus's limit for a MessageId.</summary>
    public const int MaxIdLength = 128;

    /// <summary>Name of the task: one of <see cref="JobTasks.All"/>.</summary>
    public required string Task { get; init; }

    /// <summary>What the task works on: a JSON object of the shape that the task's contract describes.</summary>
    public JsonElement Input { get; init; }
}
