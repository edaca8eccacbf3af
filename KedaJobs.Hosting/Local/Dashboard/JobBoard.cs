using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>Shows a job and its executions in the dashboard, change by change.</summary>
internal sealed class JobBoard(LocalJob job, EventJobAnnotation declaration, ResourceNotificationService notifications)
{
    private readonly Dictionary<string, ExecutionRow> _rows = declaration.Rows.ToDictionary(row => row.Name);

    /// <summary>Publishes every change until the job is over.</summary>
    public async Task RunAsync()
    {
        var shown = ImmutableArray<JobExecution>.Empty;
        await foreach (var snapshot in job.State.WatchAsync(CancellationToken.None).ConfigureAwait(false))
        {
            foreach (var execution in snapshot.Executions.Except(shown))
            {
                await PublishAsync(execution).ConfigureAwait(false);
            }

            shown = snapshot.Executions;
            await PublishAsync(snapshot).ConfigureAwait(false);
        }
    }

    private Task PublishAsync(JobExecution execution) => notifications.PublishUpdateAsync(_rows[execution.Row], row => row with
    {
        IsHidden = false,
        State = PlainWords.State(execution.Status),
        CreationTimeStamp = execution.State.CreatedAt.UtcDateTime,
        StartTimeStamp = execution.State.StartedAt?.UtcDateTime,
        StopTimeStamp = execution.State.FinishedAt?.UtcDateTime,
        ExitCode = execution.IsFinished ? execution.ExitCode : null,
        Properties = row.Properties.With(
            // The one property of an own resource that the grid has a column for.
            (CustomResourceKnownProperties.Source, Title(execution)),
            ("Execution", execution.Name),
            ("Attempt", execution.State.Attempt),
            ("Attempts allowed", job.Options.ReplicaRetryLimit + 1),
            ("Processes", string.Join(", ", execution.ProcessIds)),
            ("Reason", execution.State.Reason ?? "")),
    });

    private static string Title(JobExecution execution) =>
        execution.State.Attempt > 1 ? $"{execution.Name} (attempt {execution.State.Attempt})" : execution.Name;

    private Task PublishAsync(EventJobSnapshot snapshot) => notifications.PublishUpdateAsync(declaration.Worker, row => row with
    {
        State = PlainWords.State(snapshot, hasWarnings: declaration.Warnings.Count > 0),
        Properties = row.Properties.With(
            ("Queue length", snapshot.QueueLength is { } length ? length : "unknown"),
            ("Dead letters", snapshot.DeadLetters is { } deadLetters ? deadLetters : "unknown"),
            ("Executions running", snapshot.Counts.Running),
            ("Executions at once, at most", job.Options.MaxExecutions),
            ("Executions ended", snapshot.FinishedExecutions),
            ("Last decision", snapshot.LastReason),
            ("Last poll", snapshot.LastPoll?.ToString("u") ?? ""),
            ("Polling interval, declared", PlainWords.Duration(job.Options.PollingInterval)),
            ("Polling interval, here", PlainWords.Duration(job.PollingInterval)),
            ("Scaling", snapshot.IsPaused ? "paused" : "on"),
            ("Problem", snapshot.Problem ?? snapshot.Runaway ?? "none"),
            ("Warnings", PlainWords.Warnings(declaration.Warnings))),
    });
}
