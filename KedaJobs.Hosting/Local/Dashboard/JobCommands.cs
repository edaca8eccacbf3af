using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>
/// The commands of a job's rows. Their state is for the eye: a command that is called by its name runs even when disabled, so each handler
/// looks for itself.
/// </summary>
internal static class JobCommands
{
    public const string StartExecution = "start-execution";
    public const string PauseScaling = "pause-scaling";
    public const string ResumeScaling = "resume-scaling";
    public const string StopAll = "stop-all";
    public const string StopExecution = "stop-execution";

    public static void AddTo(IResourceBuilder<ProjectResource> worker)
    {
        var name = worker.Resource.Name;
        Add(worker, StartExecution, "Start execution now", "Play", "Starts one execution whatever the queue holds.", name,
            (job, snapshot) => snapshot.Counts.Running < job.Options.MaxExecutions,
            async (job, context) =>
            {
                try
                {
                    var execution = await job.StartOneAsync(context.CancellationToken).ConfigureAwait(false);
                    return CommandResults.Success($"{execution.Name} is started.");
                }
                catch (InvalidOperationException exception)
                {
                    return CommandResults.Failure(exception.Message);
                }
            });
        Add(worker, PauseScaling, "Pause scaling", "Pause", "Polls start nothing; what runs goes on.", name,
            (_, snapshot) => !snapshot.IsPaused,
            (job, _) => Done(job.Pause() ? "Scaling is paused." : "Scaling was paused already."));
        Add(worker, ResumeScaling, "Resume scaling", "PlayCircle", "The next poll decides again.", name,
            (_, snapshot) => snapshot.IsPaused,
            (job, _) => Done(job.Resume() ? "Scaling goes on." : "Scaling was not paused."));
        // Not waited for: a command blocks its caller until the handler returns, and an execution may take its 30 s.
        Add(worker, StopAll, "Stop all executions", "Stop", "SIGTERM, then SIGKILL 30 s later.", name,
            (_, snapshot) => snapshot.Counts.Running > 0,
            (job, _) => Done(job.StopAll() is > 0 and var asked ? $"Executions asked to stop: {asked}." : "No execution runs."));
    }

    public static void AddTo(IResourceBuilder<ExecutionRow> row, string worker) =>
        Add(row, StopExecution, "Stop execution", "Stop", "SIGTERM, then SIGKILL 30 s later.", worker,
            (_, snapshot) => RunningOn(snapshot, row.Resource) is not null,
            (job, _) => Done(RunningOn(job.State.Current, row.Resource) is { } execution && job.Stop(execution.Name)
                ? $"{execution.Name} is asked to stop."
                : "No execution runs on this row."));

    private static void Add<T>(
        IResourceBuilder<T> builder,
        string name,
        string title,
        string icon,
        string description,
        string worker,
        Func<LocalJob, EventJobSnapshot, bool> isEnabled,
        Func<LocalJob, ExecuteCommandContext, Task<ExecuteCommandResult>> execute)
        where T : IResource =>
        builder.WithCommand(
            name,
            title,
            context => Find(context.Services, worker) is { } job
                ? execute(job, context)
                : Task.FromResult(CommandResults.Failure("The job has not been initialised yet.")),
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

    private static JobExecution? RunningOn(EventJobSnapshot snapshot, ExecutionRow row) =>
        snapshot.Executions.LastOrDefault(execution => execution.Row == row.Name && !execution.IsFinished);

    private static Task<ExecuteCommandResult> Done(string message) => Task.FromResult(CommandResults.Success(message));
}
