namespace KedaJobs.Scaling.Executions;

/// <summary>Something that happened to an execution.</summary>
/// <param name="At">When.</param>
public abstract record ExecutionEvent(DateTimeOffset At);

/// <summary>An attempt runs.</summary>
/// <param name="At">When.</param>
/// <param name="Replica">The replica's index.</param>
/// <param name="Attempt">The attempt's number: reports of earlier attempts are ignored.</param>
public sealed record ReplicaStarted(DateTimeOffset At, int Replica, int Attempt) : ExecutionEvent(At);

/// <summary>An attempt ended.</summary>
/// <param name="At">When.</param>
/// <param name="Replica">The replica's index.</param>
/// <param name="Attempt">The attempt's number: reports of earlier attempts are ignored.</param>
/// <param name="ExitCode">Its exit code; 0 is success.</param>
public sealed record ReplicaExited(DateTimeOffset At, int Replica, int Attempt, int ExitCode) : ExecutionEvent(At);

/// <summary>An attempt could not be started, or was told to stop before it ran. It counts as failed.</summary>
/// <param name="At">When.</param>
/// <param name="Replica">The replica's index.</param>
/// <param name="Attempt">The attempt's number: reports of earlier attempts are ignored.</param>
/// <param name="Error">Why, for users.</param>
public sealed record ReplicaStartFailed(DateTimeOffset At, int Replica, int Attempt, string Error) : ExecutionEvent(At);

/// <summary>The clock has reached <see cref="ExecutionState.Deadline"/>. Earlier than that it changes nothing.</summary>
/// <param name="At">When.</param>
public sealed record DeadlineReached(DateTimeOffset At) : ExecutionEvent(At);

/// <summary>Someone requested the end of the execution.</summary>
/// <param name="At">When.</param>
/// <param name="Reason">Why, for users, for instance <c>Stopped on the dashboard</c>.</param>
public sealed record StopRequested(DateTimeOffset At, string Reason) : ExecutionEvent(At);

/// <summary>The runner of the execution can no longer run it: the execution fails immediately. The runner kills its processes.</summary>
/// <param name="At">When.</param>
/// <param name="Error">Why, for users.</param>
public sealed record RunnerFailed(DateTimeOffset At, string Error) : ExecutionEvent(At);
