using KedaJobs.Scaling.Executions;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local;

/// <summary>
/// Where a job's log lines go: all of them to the log of its resource; starts, ends and problems also to the AppHost's console, which most
/// users watch, with the job's name.
/// </summary>
/// <param name="Job">The name of the job's resource.</param>
/// <param name="Resource">The resource's log: decisions and problems.</param>
/// <param name="Console">The AppHost's own log.</param>
internal sealed record JobLog(string Job, ILogger Resource, ILogger Console)
{
    /// <param name="execution">The execution's own log.</param>
    /// <param name="name">The execution's name.</param>
    public void Started(ILogger execution, string name)
    {
        Log.ExecutionStarts(execution, name);
        Log.JobExecutionStarted(Console, Job, name);
    }

    public void Ended(ExecutionState execution, TimeSpan duration)
    {
        var status = execution.Status.InPlainWords();
        Log.ExecutionEnded(Resource, execution.Name, status, duration.TotalSeconds, execution.ExitCode);
        Log.JobExecutionEnded(Console, Job, execution.Name, status, duration.TotalSeconds, execution.ExitCode);
    }

    public void Problem(string problem)
    {
        Log.Problem(Resource, problem);
        Log.JobProblem(Console, Job, problem);
    }

    public void Recovered()
    {
        Log.Recovered(Resource);
        Log.JobRecovered(Console, Job);
    }
}
