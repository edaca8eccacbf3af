using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>The commands of a job and its executions.</summary>
internal static class JobCommands
{
    public const string StartExecution = "start-execution";
    public const string PauseScaling = "pause-scaling";
    public const string ResumeScaling = "resume-scaling";
    public const string StopAll = "stop-all";
    public const string StopExecution = "stop-execution";

    private const string HowToStop = "Sends SIGTERM, then SIGKILL after 30 s.";

    public static void AddTo<T>(IResourceBuilder<T> worker, JobKind kind)
        where T : IResource
    {
        foreach (var command in OfJob(worker.Resource.Name, kind))
        {
            command.AddTo(worker);
        }
    }

    public static void AddTo(IResourceBuilder<ExecutionSlot> slot, string worker) => Command(
        worker, StopExecution, "Stop execution", "Stop", HowToStop,
        (_, snapshot) => RunningOn(snapshot, slot.Resource) is not null,
        (job, _) => Done(RunningOn(job.State.Current, slot.Resource) is { } execution && job.Stop(execution.Name)
            ? $"Stopping {execution.Name}."
            : "No execution is running here.")).AddTo(slot);

    private static IEnumerable<ResourceCommand> OfJob(string worker, JobKind kind)
    {
        yield return Command(
            worker, StartExecution, "Start execution now", "Play", kind switch
            {
                JobKind.Event => "Starts one execution now, regardless of the queue.",
                JobKind.Scheduled => "Starts one execution now, in addition to the schedule.",
                _ => "Starts one execution.",
            },
            (job, snapshot) => snapshot.Counts.Running < job.Options.MaxExecutions,
            StartAsync);
        if (kind != JobKind.Manual)
        {
            // Manual jobs have nothing to pause: nothing starts automatically.
            var (what, subject, resumed) = kind == JobKind.Event
                ? ("scaling", "Scaling", "The next poll starts executions again.")
                : ("schedule", "Schedule", "Executions start at the scheduled times again.");
            yield return Command(
                worker, PauseScaling, $"Pause {what}", "Pause", "New executions are not started; running ones continue.",
                (_, snapshot) => !snapshot.IsPaused,
                (job, _) => Done(job.Pause() ? $"{subject} paused." : $"{subject} is already paused."));
            yield return Command(
                worker, ResumeScaling, $"Resume {what}", "PlayCircle", resumed,
                (_, snapshot) => snapshot.IsPaused,
                (job, _) => Done(job.Resume() ? $"{subject} resumed." : $"{subject} is not paused."));
        }

        // Not waited for: a command blocks its caller until the handler returns, and an execution may take its 30 s.
        yield return Command(
            worker, StopAll, "Stop all executions", "Stop", HowToStop,
            (_, snapshot) => snapshot.Counts.Running > 0,
            (job, _) => Done(job.StopAll() is > 0 and var asked
                ? $"Stopping {asked} {(asked == 1 ? "execution" : "executions")}."
                : "No executions are running."));
    }

    private static async Task<ExecuteCommandResult> StartAsync(LocalJob job, ExecuteCommandContext context)
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
    }

    private static ResourceCommand Command(
        string worker,
        string name,
        string title,
        string icon,
        string description,
        Func<LocalJob, JobSnapshot, bool> isEnabled,
        Func<LocalJob, ExecuteCommandContext, Task<ExecuteCommandResult>> execute) =>
        new(name, title, icon, description)
        {
            IsHighlighted = true,
            IsEnabled = context => Find(context.Services, worker) is { } job && isEnabled(job, job.State.Current),
            Execute = context => Find(context.Services, worker) is { } job
                ? execute(job, context)
                : Task.FromResult(CommandResults.Failure("The job has not been initialized yet.")),
        };

    private static LocalJob? Find(IServiceProvider services, string worker) => services.GetRequiredService<LocalKeda>().FindLocal(worker);

    private static JobExecution? RunningOn(JobSnapshot snapshot, ExecutionSlot slot) =>
        snapshot.Executions.LastOrDefault(execution => execution.ResourceName == slot.Name && !execution.IsFinished);

    private static Task<ExecuteCommandResult> Done(string message) => Task.FromResult(CommandResults.Success(message));
}
