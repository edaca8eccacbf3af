using KedaJobs.Scaling.Executions;

namespace KedaJobs.Scaling.Simulation;

/// <summary>Executions and replicas, from a poll's decision to the last exit.</summary>
internal sealed partial class SimulationRun
{
    private const int ExitedOnTerminate = 143;
    private const int ExitedOnKill = 137;

    private readonly ExecutionSettings _settings;
    private readonly ulong _pullSeed;
    private readonly ulong _startSeed;
    private readonly Dictionary<int, SimulatedExecution> _executionsById = [];
    private readonly Dictionary<int, SimulatedReplica> _replicasById = [];
    private readonly List<SimulatedExecution> _unfinished = [];
    private readonly List<long> _timeByReplicas = [0];
    private long _replicasSince;
    private int _replicaNumber;
    private int _executions;
    private long _withoutWork;
    private long _timedOut;
    private long _failed;
    private int _mostExecutions;

    private SimulatedExecution? FindExecution(in ScheduledEvent due) => _executionsById.GetValueOrDefault(due.Target);

    private SimulatedReplica? FindReplica(in ScheduledEvent due) => _replicasById.GetValueOrDefault(due.Target);

    private void StartExecution()
    {
        var step = ExecutionLifeCycle.Create("simulated", _settings, At(_now));
        var execution = new SimulatedExecution(_executions++) { State = step.State, Position = _unfinished.Count };
        _executionsById.Add(execution.Id, execution);
        _unfinished.Add(execution);
        _series.ChangeExecutions(_now, 1);
        _mostExecutions = Math.Max(_mostExecutions, _unfinished.Count);
        _events.Add(_now + _settings.ReplicaTimeout.Ticks, SimulatedEvent.Deadline, execution.Id);
        Carry(execution, step);
    }

    private void Apply(SimulatedExecution execution, ExecutionEvent @event)
    {
        var before = execution.State;
        if (before.Status.IsFinished())
        {
            return;
        }

        var step = ExecutionLifeCycle.Apply(before, @event);
        execution.State = step.State;
        if (step.State.Deadline is { } deadline && deadline != before.Deadline)
        {
            _events.Add((deadline - DateTimeOffset.UnixEpoch).Ticks, SimulatedEvent.Deadline, execution.Id);
        }

        if (step.State.Status.IsFinished())
        {
            Finished(execution);
        }

        Carry(execution, step);
    }

    private void Finished(SimulatedExecution execution)
    {
        _executionsById.Remove(execution.Id);
        var last = _unfinished[^1];
        _unfinished[execution.Position] = last;
        last.Position = execution.Position;
        _unfinished.RemoveAt(_unfinished.Count - 1);
        _series.ChangeExecutions(_now, -1);
        _withoutWork += execution.GotMessage ? 0 : 1;
        _timedOut += execution.State.Status is ExecutionStatus.TimedOut ? 1 : 0;
        _failed += execution.State.Status is ExecutionStatus.Failed ? 1 : 0;
        EndIfNothingIsLeft();
    }

    private void Carry(SimulatedExecution execution, ExecutionStep step)
    {
        foreach (var effect in step.Effects)
        {
            switch (effect)
            {
                case StartReplica start:
                    StartReplica(execution, start);
                    break;
                case TerminateReplica terminate when Current(execution, terminate) is { } replica:
                    Terminate(replica);
                    break;
                case KillReplica kill when Current(execution, kill) is { } replica:
                    Die(replica, ExitedOnKill);
                    break;
            }
        }
    }

    private SimulatedReplica? Current(SimulatedExecution execution, ExecutionEffect effect) =>
        execution.Replicas[effect.Replica] is var replica && replica.Attempt == effect.Attempt && !replica.Gone ? replica : null;

    private void StartReplica(SimulatedExecution execution, StartReplica start)
    {
        var replica = new SimulatedReplica(_replicaNumber++, execution, start.Replica, start.Attempt);
        _replicasById.Add(replica.Id, replica);
        if (start.Replica == execution.Replicas.Count)
        {
            execution.Replicas.Add(replica);
        }
        else
        {
            execution.Replicas[start.Replica] = replica;
        }

        var pull = start.Attempt == 1 ? _input.ImagePull.TicksAt(SeededNumbers.At(_pullSeed, replica.Id)) : 0;
        _events.Add(_now + pull, SimulatedEvent.ReplicaStarts, replica.Id);
    }

    private void ReplicaStarts(SimulatedReplica replica)
    {
        replica.Started = true;
        CountReplicaTime();
        _series.ChangeReplicas(_now, 1);
        Apply(replica.Execution, new ReplicaStarted(At(_now), replica.Index, replica.Attempt));
        _events.Add(_now + _input.ProcessStart.TicksAt(SeededNumbers.At(_startSeed, replica.Id)), SimulatedEvent.ReplicaReady, replica.Id);
    }

    private void ReplicaReady(SimulatedReplica replica)
    {
        replica.Ready = true;
        replica.BeganAt = _now;
        _events.Add(_now + _timeBudget, SimulatedEvent.TimeBudgetSpent, replica.Id);
        Refill(replica);
    }

    // A replica that is not ready yet has no handler for the signal; one that has not started is given up.
    private void Terminate(SimulatedReplica replica)
    {
        if (!replica.Started)
        {
            replica.Gone = true;
            _replicasById.Remove(replica.Id);
            Apply(replica.Execution, new ReplicaStartFailed(At(_now), replica.Index, replica.Attempt, "told to stop before it ran"));
        }
        else if (!replica.Ready || !_input.Worker.DrainsOnStop)
        {
            Die(replica, ExitedOnTerminate);
        }
        else if (!replica.Stopping)
        {
            replica.Stopping = true;
            _waiting.Remove(replica);
            GiveBackPrefetched(replica);
            if (replica.InWork.Count == 0)
            {
                Exit(replica, 0);
            }
            else
            {
                _events.Add(_now + _input.Worker.ShutdownGrace.Ticks, SimulatedEvent.GraceOver, replica.Id);
            }
        }
    }

    private void GraceOver(SimulatedReplica replica)
    {
        while (replica.InWork.Count > 0)
        {
            GiveBack(TakeFromHands(replica, replica.InWork[^1]));
        }

        Exit(replica, 0);
    }

    /// <summary>The process is gone at once: nobody gives back what it held, and the locks run on.</summary>
    private void Die(SimulatedReplica replica, int exitCode)
    {
        _waiting.Remove(replica);
        while (replica.InWork.Count > 0)
        {
            LeaveLocked(TakeFromHands(replica, replica.InWork[^1]));
        }

        while (replica.Prefetched.TryDequeue(out var delivery))
        {
            LeaveLocked(delivery);
        }

        Exit(replica, exitCode);
    }

    private void Exit(SimulatedReplica replica, int exitCode)
    {
        _waiting.Remove(replica);
        GiveBackPrefetched(replica);
        replica.Gone = true;
        _replicasById.Remove(replica.Id);
        CountReplicaTime();
        _series.ChangeReplicas(_now, -1);
        Apply(replica.Execution, new ReplicaExited(At(_now), replica.Index, replica.Attempt, exitCode));
    }

    private void CountReplicaTime()
    {
        while (_timeByReplicas.Count <= _series.Replicas)
        {
            _timeByReplicas.Add(0);
        }

        _timeByReplicas[_series.Replicas] += _now - _replicasSince;
        _replicasSince = _now;
    }
}
