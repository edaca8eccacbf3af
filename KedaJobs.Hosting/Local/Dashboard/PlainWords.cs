using System.Globalization;
using Aspire.Hosting.ApplicationModel;
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

    public static ResourceStateSnapshot State(EventJobSnapshot job) => job switch
    {
        { Problem: not null } => new("Cannot scale", KnownResourceStateStyles.Error),
        { Runaway: not null } => new("Runaway", KnownResourceStateStyles.Warn),
        { IsPaused: true } => new("Paused", KnownResourceStateStyles.Warn),
        { Counts.Running: > 0 } => new("Executing", KnownResourceStateStyles.Success),
        { LastPoll: null } => new("Waiting for the queue", KnownResourceStateStyles.Info),
        _ => new("Idle", KnownResourceStateStyles.Info),
    };

    public static string Duration(TimeSpan duration) => $"{duration.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s";
}
