using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Checks;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>States and values as the dashboard shows them.</summary>
internal static class PlainWords
{
    public static ResourceStateSnapshot State(ExecutionStatus status) => new(status.InPlainWords(), status switch
    {
        ExecutionStatus.Starting => KnownResourceStateStyles.Info,
        ExecutionStatus.Running or ExecutionStatus.Succeeded => KnownResourceStateStyles.Success,
        ExecutionStatus.Stopped => KnownResourceStateStyles.Warn,
        _ => KnownResourceStateStyles.Error,
    });

    /// <summary>
    /// The worker's state says the numbers too: the grid shows no other column of ours. Where it would only inform, warnings of the checks colour it.
    /// </summary>
    public static ResourceStateSnapshot State(EventJobSnapshot job, bool hasWarnings)
    {
        var quiet = hasWarnings ? KnownResourceStateStyles.Warn : KnownResourceStateStyles.Info;
        var queued = job.QueueLength > 0 ? $", {job.QueueLength} queued" : "";
        var running = job.Counts.Running;
        return job switch
        {
            { Problem: not null } => new("Cannot scale", KnownResourceStateStyles.Error),
            { Runaway: not null } => new($"Runaway{queued}", KnownResourceStateStyles.Warn),
            { IsPaused: true } => new($"Paused{queued}", KnownResourceStateStyles.Warn),
            _ when running > 0 => new($"{running} running{queued}", KnownResourceStateStyles.Success),
            { LastPoll: null } => new("Waiting for the queue", quiet),
            _ => new($"Idle{queued}", quiet),
        };
    }

    public static string Warnings(IReadOnlyCollection<CheckFinding> warnings) =>
        warnings.Count == 0 ? "none" : string.Join(Environment.NewLine, warnings);

    public static string Duration(TimeSpan duration) => $"{duration.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s";
}
