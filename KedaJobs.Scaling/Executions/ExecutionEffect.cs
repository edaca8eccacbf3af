using System.Collections.Immutable;

namespace KedaJobs.Scaling.Executions;

/// <summary>An action on a replica. Its outcome is reported back as an <see cref="ExecutionEvent"/>.</summary>
/// <param name="Replica">The replica's index.</param>
/// <param name="Attempt">The attempt's number.</param>
public abstract record ExecutionEffect(int Replica, int Attempt);

/// <summary>Start an attempt: report <see cref="ReplicaStarted"/> or <see cref="ReplicaStartFailed"/>.</summary>
/// <param name="Replica">The replica's index.</param>
/// <param name="Attempt">The attempt's number; 1 is the first.</param>
public sealed record StartReplica(int Replica, int Attempt) : ExecutionEffect(Replica, Attempt);

/// <summary>
/// Ask an attempt to end (SIGTERM), or give up starting it: report <see cref="ReplicaExited"/>, or <see cref="ReplicaStartFailed"/> if it
/// never ran. It may come twice for an attempt that starts to run after it was asked.
/// </summary>
/// <param name="Replica">The replica's index.</param>
/// <param name="Attempt">The attempt's number.</param>
public sealed record TerminateReplica(int Replica, int Attempt) : ExecutionEffect(Replica, Attempt);

/// <summary>End an attempt at once (SIGKILL): report <see cref="ReplicaExited"/>.</summary>
/// <param name="Replica">The replica's index.</param>
/// <param name="Attempt">The attempt's number.</param>
public sealed record KillReplica(int Replica, int Attempt) : ExecutionEffect(Replica, Attempt);

/// <summary>The result of an event: the new state of the execution, and the actions to take.</summary>
/// <param name="State">The execution now.</param>
/// <param name="Effects">The actions to take, in this order.</param>
public sealed record ExecutionStep(ExecutionState State, ImmutableArray<ExecutionEffect> Effects);
