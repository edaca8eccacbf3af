namespace KedaJobs.Hosting;

/// <summary>Where a job is on this machine. The job's resource shows the same as one of Aspire's known states.</summary>
public enum JobStatus
{
    /// <summary>The AppHost has not initialized the job yet.</summary>
    NotStarted,

    /// <summary>It waits for the resources it depends on, its triggers among them.</summary>
    Waiting,

    /// <summary>No poll has succeeded yet.</summary>
    Starting,

    /// <summary>It is being scaled: its triggers are polled, or scaling is paused.</summary>
    Running,

    /// <summary>It cannot be scaled before the AppHost is restarted; <see cref="JobSnapshot.Problem"/> says why.</summary>
    FailedToStart,

    /// <summary>The AppHost is stopping: executions are being stopped, and none start.</summary>
    Stopping,

    /// <summary>The AppHost has stopped it.</summary>
    Stopped,
}
