using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>
/// The commands of a job and its executions. Their state is for the eye: a command that is called by its name runs even when disabled, so each handler
/// looks for itself.
/// </summary>
internal static class JobCommands
{
    public const string StartExecution = "start-execution";
    public const string PauseScaling = "pause-scaling";
    public const string ResumeScaling = "resume-scaling";
    public const string StopAll = "stop-all";
    public const string StopExecution = "stop-execution";

    public static void AddTo<T>(IResourceBuilder<T> worker, JobKind kind)
        where T : IResource
    {
        var name = worker.Resource.Name;
        Add(worker, StartExecution, "Start execution now", "Play", kind switch
        {
            JobKind.Event => "Starts one execution now, whatever the queue holds.",
            JobKind.Scheduled => "Starts one execution now, beside the schedule.",
            _ => "Starts one execution.",
        }, name,
            (job, snapshot) => snapshot.Counts.Running < job.Options.MaxExecutions,
            async (job, context) =>
            {
                try
                {
                    var execution = await job.StartOneAsync(context.CancellationToken).ConfigureAwait(false);
                    return CommandResults.Success($"Started {execution.Name}.");
                }
                catch (JobException exception)
                {
                    return CommandResults.Failure(exception.Message);
                }
            });
        AddPause(worker, kind, name);
        // Not waited for: a command blocks its caller until the handler returns, and an execution may take its 30 s.
        Add(worker, StopAll, "Stop all executions", "Stop", "Sends SIGTERM, then SIGKILL after 30 s.", name,
            (_, snapshot) => snapshot.Counts.Running > 0,
            (job, _) => Done(job.StopAll() is > 0 and var asked ? $"Stopping {asked} {(asked == 1 ? "execution" : "executions")}." : "No executions are running."));
    }

    public static void AddTo(IResourceBuilder<ExecutionSlot> slot, string worker) =>
        Add(slot, StopExecution, "Stop execution", "Stop", "Sends SIGTERM, then SIGKILL after 30 s.", worker,
            (_, snapshot) => RunningOn(snapshot, slot.Resource) is not null,
            (job, _) => Done(RunningOn(job.State.Current, slot.Resource) is { } execution && job.Stop(execution.Name)
                ? $"Stopping {execution.Name}."
                : "No execution is running here."));

    private static void AddPause<T>(IResourceBuilder<T> worker, JobKind kind, string name)
        where T : IResource
    {
        if (kind == JobKind.Manual)
        {
            // Nothing starts by itself.
            return;
        }

        var (what, resumed) = kind == JobKind.Event
            ? ("scaling", "The next poll starts executions again.")
            : ("schedule", "Executions start at the scheduled times again.");
        var subject = kind == JobKind.Event ? "Scaling" : "Schedule";
        Add(worker, PauseScaling, $"Pause {what}", "Pause", "New executions are not started; running ones continue.", name,
            (_, snapshot) => !snapshot.IsPaused,
            (job, _) => Done(job.Pause() ? $"{subject} paused." : $"{subject} is already paused."));
        Add(worker, ResumeScaling, $"Resume {what}", "PlayCircle", resumed, name,
            (_, snapshot) => snapshot.IsPaused,
            (job, _) => Done(job.Resume() ? $"{subject} resumed." : $"{subject} is not paused."));
    }

    private static void Add<T>(
        IResourceBuilder<T> builder,
        string name,
        string title,
        string icon,
        string description,
        string worker,
        Func<LocalJob, JobSnapshot, bool> isEnabled,
        Func<LocalJob, ExecuteCommandContext, Task<ExecuteCommandResult>> execute)
        where T : IResource =>
        builder.WithCommand(
            name,
            title,
            context => Find(context.Services, worker) is { } job
                ? execute(job, context)
                : Task.FromResult(CommandResults.Failure("The job has not been initialized yet.")),
            new CommandOptions
            {
                Description = description,
                IconName = icon,
                IsHighlighted = true,
                UpdateState = context => Find(context.Services, worker) is { } job && isEnabled(job, job.State.Current)
                    ? ResourceCommandState.Enabled
                    : ResourceCommandState.Disabled,
            });

    private static LocalJob? Find(IServiceProvider services, string worker) => services.GetRequiredService<LocalKeda>().FindLocal(worker);

    private static JobExecution? RunningOn(JobSnapshot snapshot, ExecutionSlot slot) =>
        snapshot.Executions.LastOrDefault(execution => execution.ResourceName == slot.Name && !execution.IsFinished);

    private static Task<ExecuteCommandResult> Done(string message) => Task.FromResult(CommandResults.Success(message));
}
