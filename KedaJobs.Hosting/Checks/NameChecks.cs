using System.Text.RegularExpressions;

namespace KedaJobs.Hosting.Checks;

/// <summary>Names that Azure refuses. Sources: Microsoft.App/jobs (job names), Service Bus quotas (entity names).</summary>
internal static partial class NameChecks
{
    private const int LongestJobName = 31;
    private const int LongestQueueName = 260;

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var name = job.JobName;
        if (name.Length > LongestJobName)
        {
            yield return new(CheckCode.JobName, job.Resource,
                $"the job's name '{name}' has {name.Length} characters; Container Apps takes at most {LongestJobName}.",
                "Give the worker a shorter resource name in AddProject.");
        }
        else if (!JobNamePattern().IsMatch(name) || name.Contains("--", StringComparison.Ordinal))
        {
            yield return new(CheckCode.JobName, job.Resource,
                $"the job's name '{name}' is refused by Container Apps.",
                "Use lower-case letters, digits and single '-', beginning with a letter and ending with a letter or digit.");
        }

        if (job.Trigger is CheckedQueue { QueueName: var queue } && (queue.Length > LongestQueueName || !QueueNamePattern().IsMatch(queue)))
        {
            yield return new(CheckCode.QueueName, job.Resource,
                $"Service Bus refuses the queue name '{queue}'.",
                $"Use 1 to {LongestQueueName} letters, digits and '.', '-', '_', '/', beginning and ending with a letter or digit.");
        }
    }

    [GeneratedRegex("^[a-z]([a-z0-9-]*[a-z0-9])?$")]
    private static partial Regex JobNamePattern();

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$")]
    private static partial Regex QueueNamePattern();
}
