namespace KedaJobs.Hosting;

/// <summary>The status of a job on this machine. The job's resource shows it as one of Aspire's known states.</summary>
public enum JobStatus
{
    /// <summary>The AppHost has not initialized the job yet.</summary>
    NotStarted,

    /// <summary>The job is waiting for the resources it depends on, including its triggers.</summary>
    Waiting,

    /// <summary>No poll has succeeded yet.</summary>
    Starting,

    /// <summary>The job is being scaled: its triggers are polled, or scaling is paused.</summary>
    Running,

    /// <summary>The job cannot be scaled until the AppHost is restarted; <see cref="JobSnapshot.Problem"/> says why.</summary>
    FailedToStart,

    /// <summary>The AppHost is stopping: executions are being stopped, and no new ones start.</summary>
    Stopping,

    /// <summary>The AppHost has stopped it.</summary>
    Stopped,
}
