using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Checks;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>
/// A job and its executions as Aspire's known states: waits, filters and icons understand them. Numbers and reasons are in properties.
/// </summary>
internal static class JobStates
{
    /// <summary>
    /// The exit code of timeout(1) for a program that it stopped: an execution that timed out has failed,
    /// also when its worker exits 0 after SIGTERM.
    /// </summary>
    public const int TimedOutExitCode = 124;

    /// <summary>
    /// The state of the worker's resource. Running means that it is being scaled, paused or not;
    /// the style shows whether there is a problem.
    /// </summary>
    public static ResourceStateSnapshot State(JobSnapshot job, bool hasWarnings) => job.Status switch
    {
        JobStatus.NotStarted => new(KnownResourceStates.NotStarted, null),
        JobStatus.Waiting => new(KnownResourceStates.Waiting, null),
        JobStatus.Starting =>
            new(KnownResourceStates.Starting, job.Problem is null ? KnownResourceStateStyles.Info : KnownResourceStateStyles.Error),
        JobStatus.FailedToStart => new(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
        JobStatus.Stopping => new(KnownResourceStates.Stopping, KnownResourceStateStyles.Info),
        JobStatus.Stopped => new(KnownResourceStates.Finished, null),
        _ => new(KnownResourceStates.Running, job switch
        {
            { Problem: not null } => KnownResourceStateStyles.Error,
            { Runaway: not null } or { IsPaused: true } => KnownResourceStateStyles.Warn,
            _ => hasWarnings ? KnownResourceStateStyles.Warn : KnownResourceStateStyles.Success,
        }),
    };

    /// <summary>The state of a slot. Finished, Exited and FailedToStart are terminal, as everywhere in Aspire.</summary>
    public static ResourceStateSnapshot State(ExecutionState execution) => execution.Status switch
    {
        ExecutionStatus.Starting or ExecutionStatus.Running when execution.Ending is not null =>
            new(KnownResourceStates.Stopping, KnownResourceStateStyles.Info),
        ExecutionStatus.Starting => new(KnownResourceStates.Starting, KnownResourceStateStyles.Info),
        ExecutionStatus.Running => new(KnownResourceStates.Running, KnownResourceStateStyles.Success),
        ExecutionStatus.Succeeded => new(KnownResourceStates.Finished, KnownResourceStateStyles.Success),
        ExecutionStatus.Stopped => new(KnownResourceStates.Exited, KnownResourceStateStyles.Warn),
        _ when execution.ExitCode is null => new(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
        _ => new(KnownResourceStates.Exited, KnownResourceStateStyles.Error),
    };

    /// <summary>The exit code by which Aspire's <c>WaitForCompletion</c> tells success from failure; null before the end.</summary>
    public static int? ExitCode(ExecutionState execution) => execution switch
    {
        { Status: ExecutionStatus.TimedOut, ExitCode: 0 } => TimedOutExitCode,
        _ when execution.Status.IsFinished() => execution.ExitCode,
        _ => null,
    };

    /// <summary>Why messages stay, in short.</summary>
    public static string Cause(RunawayFinding runaway) => runaway.Cause switch
    {
        RunawayCause.NotReceived => "messages are not received",
        RunawayCause.Deferred => "messages are deferred",
        RunawayCause.ForwardedAway => "messages are forwarded away",
        RunawayCause.ReceiveDisabled => "the queue is disabled for receivers",
        RunawayCause.Locked => runaway.Until is { } until
            ? string.Create(CultureInfo.InvariantCulture, $"messages are locked until {until:HH:mm:ss} UTC")
            : "messages are locked",
        RunawayCause.Held => "a running execution may hold the messages",
        _ => "messages are not completed",
    };

    public static string? Warnings(IReadOnlyCollection<CheckFinding> warnings) =>
        warnings.Count == 0 ? null : string.Join(Environment.NewLine, warnings);

    public static string Duration(TimeSpan duration) => $"{duration.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s";
}
