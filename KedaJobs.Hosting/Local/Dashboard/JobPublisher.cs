using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>Publishes a job and its executions as Aspire's resources, change by change.</summary>
internal sealed class JobPublisher(LocalJob job, EventJobAnnotation declaration, ResourceNotificationService notifications)
{
    /// <summary>Executions without a resource of their own that the job's properties list by name.</summary>
    private const int Listed = 20;

    private readonly Dictionary<string, ExecutionSlot> _slots = declaration.Slots.ToDictionary(slot => slot.Name);

    /// <summary>Publishes every change until the job has stopped.</summary>
    public async Task RunAsync()
    {
        using var ended = new CancellationTokenSource();
        var kept = KeepStateAsync(ended.Token);
        var shown = ImmutableArray<JobExecution>.Empty;
        await foreach (var snapshot in job.State.WatchAsync(CancellationToken.None).ConfigureAwait(false))
        {
            foreach (var execution in snapshot.Executions.Except(shown))
            {
                if (execution.ResourceName is { } slot)
                {
                    await PublishAsync(_slots[slot], execution).ConfigureAwait(false);
                }
            }

            shown = snapshot.Executions;
            await PublishAsync(snapshot).ConfigureAwait(false);
        }

        await ended.CancelAsync().ConfigureAwait(false);
        await kept.ConfigureAwait(false);
    }

    /// <summary>
    /// The orchestrator says once, at a time of its own, that it has not started the worker. Anything that waits for
    /// the job would wait until its next change.
    /// </summary>
    private async Task KeepStateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var update in notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
            {
                if (update.Resource == declaration.Worker
                    && update.Snapshot.State?.Text == KnownResourceStates.NotStarted
                    && job.State.Current is { Status: not JobStatus.NotStarted } current)
                {
                    await PublishAsync(current).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The job has stopped.
        }
    }

    private Task PublishAsync(ExecutionSlot slot, JobExecution execution) =>
        notifications.PublishUpdateAsync(slot, resource => resource with
        {
            IsHidden = false,
            State = JobStates.State(execution.State),
            CreationTimeStamp = execution.State.CreatedAt.UtcDateTime,
            StartTimeStamp = execution.State.StartedAt?.UtcDateTime,
            StopTimeStamp = execution.State.FinishedAt?.UtcDateTime,
            ExitCode = JobStates.ExitCode(execution.State),
            Properties = new SnapshotProperties(resource.Properties)
                // The only property of a custom resource that the grid has a column for.
                .Known(CustomResourceKnownProperties.Source, Title(execution))
                .Highlight("Execution", execution.Name)
                .Highlight("Outcome", execution.IsFinished ? execution.Status.InPlainWords() : null)
                .Highlight("Reason", execution.State.Reason)
                .Highlight("Attempt", $"{execution.State.Attempt} of {job.Options.ReplicaRetryLimit + 1L}")
                .Highlight("Processes", execution.ProcessIds.IsEmpty ? null : string.Join(", ", execution.ProcessIds))
                .ToImmutable(),
        });

    private static string Title(JobExecution execution) =>
        execution.State.Attempt > 1 ? $"{execution.Name} (attempt {execution.State.Attempt})" : execution.Name;

    private Task PublishAsync(JobSnapshot snapshot) => notifications.PublishUpdateAsync(declaration.Worker, resource => resource with
    {
        State = JobStates.State(snapshot, hasWarnings: declaration.Warnings.Count > 0),
        Properties = (declaration.Kind == JobKind.Event ? Scaled(resource, snapshot) : Unscaled(resource, snapshot)).ToImmutable(),
    });

    private SnapshotProperties Scaled(CustomResourceSnapshot resource, JobSnapshot snapshot)
    {
        var options = job.Options;
        return new SnapshotProperties(resource.Properties)
            .Highlight("Problem", snapshot.Problem)
            // In pieces: the dashboard shows the beginning of a long text only.
            .Highlight("Runaway", snapshot.Runaway is { } runaway ? JobStates.Cause(runaway) : null)
            .Highlight("What to do", snapshot.Runaway?.Cure)
            .Highlight("Evidence", snapshot.Runaway?.Reason)
            .Highlight("Queue length", Count(snapshot.QueueLength))
            .Highlight("Running executions", $"{snapshot.Counts.Running} of at most {options.MaxExecutions}")
            .Highlight("Last decision", snapshot.LastReason.Length > 0 ? snapshot.LastReason : "none yet")
            .Highlight("Scaling", snapshot.IsPaused ? "paused" : null)
            .Highlight("Dead letters", Count(snapshot.DeadLetters))
            .Highlight("Finished executions", snapshot.FinishedExecutions)
            .Highlight("Executions without a resource", WithoutSlot(snapshot))
            .Highlight("Warnings", JobStates.Warnings(declaration.Warnings))
            .Add("Triggers", Triggers(snapshot))
            .Add("Last poll", Time(snapshot.LastPoll))
            .Add("Polling interval (declared)", JobStates.Duration(options.PollingInterval))
            .Add("Polling interval (local)", JobStates.Duration(job.PollingInterval));
    }

    private SnapshotProperties Unscaled(CustomResourceSnapshot resource, JobSnapshot snapshot) =>
        new SnapshotProperties(resource.Properties)
            .Highlight("Problem", snapshot.Problem)
            .Highlight("Next execution", declaration.Schedule is null ? "on demand" : Time(snapshot.NextScheduledTime) ?? "none")
            .Highlight("Schedule", declaration.Schedule is { } schedule ? $"{schedule} (UTC){(snapshot.IsPaused ? ", paused" : "")}" : null)
            .Highlight("Running executions", snapshot.Counts.Running)
            .Highlight("Last start", snapshot.LastReason.Length > 0 ? snapshot.LastReason : null)
            .Highlight("Finished executions", snapshot.FinishedExecutions)
            .Highlight("Executions without a resource", WithoutSlot(snapshot))
            .Highlight("Warnings", JobStates.Warnings(declaration.Warnings));

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    private static object Count(long? count) => count is { } known ? known : "unknown";

    private static string? Triggers(JobSnapshot snapshot) => snapshot.Triggers.IsEmpty ? null : string.Join(
        Environment.NewLine, snapshot.Triggers.Select(trigger => $"{trigger.Name}: {Count(trigger.Length)} active"));

    private static string? WithoutSlot(JobSnapshot snapshot)
    {
        var executions = snapshot.Executions.Where(execution => execution is { ResourceName: null, IsFinished: false })
            .Select(execution => execution.Name)
            .ToList();
        return executions.Count == 0 ? null
            : $"{executions.Count}: {string.Join(", ", executions.Take(Listed))}{(executions.Count > Listed ? ", ..." : "")}";
    }
}
