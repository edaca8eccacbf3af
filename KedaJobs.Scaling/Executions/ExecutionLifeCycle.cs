using System.Globalization;

namespace KedaJobs.Scaling.Executions;

/// <summary>
/// The life cycle of an execution as in Container Apps: a state and an event give a new state and the actions
/// to take. No clock, no process, no thread.
/// </summary>
/// <remarks>
/// Source: the Container Apps documentation of jobs. An execution has <see cref="ExecutionSettings.Parallelism"/> replicas and succeeds
/// when <see cref="ExecutionSettings.ReplicaCompletionCount"/> of them exit with code 0. A replica that fails is restarted, up to
/// <see cref="ExecutionSettings.ReplicaRetryLimit"/> times. When it takes longer than <see cref="ExecutionSettings.ReplicaTimeout"/>, when
/// it is stopped, and when its end is decided while replicas are left, these get SIGTERM and, after the grace period, SIGKILL. An execution
/// has ended only when its last replica has.
/// </remarks>
public static class ExecutionLifeCycle
{
    /// <summary>Creates an execution. Its effects start the replicas.</summary>
    /// <param name="name">The execution's name, see <see cref="ExecutionName"/>.</param>
    /// <param name="settings">What the job declares.</param>
    /// <param name="now">The time of creation, from which the replica timeout counts.</param>
    /// <returns>The new execution and the replicas to start.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static ExecutionStep Create(string name, ExecutionSettings settings, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();

        var state = new ExecutionState { Name = name, Settings = settings, CreatedAt = now, Deadline = now + settings.ReplicaTimeout };
        return StartNew(state, settings.Parallelism);
    }

    /// <summary>Applies an event. Events of attempts that are over, and events after the end, change nothing.</summary>
    /// <param name="state">The execution before.</param>
    /// <param name="event">What happened.</param>
    /// <returns>The execution after, and the actions to take.</returns>
    public static ExecutionStep Apply(ExecutionState state, ExecutionEvent @event)
    {
        ArgumentNullException.ThrowIfNull(state);
        return @event switch
        {
            _ when state.Status.IsFinished() => Nothing(state),
            ReplicaStarted started when IsCurrent(state, started.Replica, started.Attempt) => Started(state, started),
            ReplicaExited exited when IsCurrent(state, exited.Replica, exited.Attempt) =>
                Ended(state, exited.At, exited.Replica, exited.ExitCode, null),
            ReplicaStartFailed failed when IsCurrent(state, failed.Replica, failed.Attempt) =>
                Ended(state, failed.At, failed.Replica, null, failed.Error),
            DeadlineReached deadline when deadline.At >= state.Deadline => Deadline(state, deadline.At),
            RunnerFailed failed => Abandon(state, failed.At, failed.Error),
            StopRequested stop when state.Ending is null => End(state, stop.At, ExecutionStatus.Stopped, stop.Reason),
            _ => Nothing(state),
        };
    }

    private static bool IsCurrent(ExecutionState state, int replica, int attempt) =>
        replica >= 0 && replica < state.Replicas.Length
        && state.Replicas[replica].Current is { IsActive: true } current && current.Number == attempt;

    private static ExecutionStep Started(ExecutionState state, ReplicaStarted started)
    {
        var replica = state.Replicas[started.Replica];
        if (replica.Current.Status is ReplicaStatus.Running)
        {
            return Nothing(state);
        }

        state = With(state, replica.WithCurrent(replica.Current with { Status = ReplicaStatus.Running, StartedAt = started.At })) with
        {
            Status = ExecutionStatus.Running,
            StartedAt = state.StartedAt ?? started.At,
        };

        // Its end was decided while it was starting, so the signal had nobody to reach.
        return state.Ending is null ? Nothing(state)
            : new(state, [state.Deadline is null
                ? new KillReplica(started.Replica, started.Attempt)
                : new TerminateReplica(started.Replica, started.Attempt)]);
    }

    private static ExecutionStep Ended(ExecutionState state, DateTimeOffset at, int index, int? exitCode, string? error)
    {
        var replica = state.Replicas[index];
        var succeeded = exitCode == 0;
        state = With(state, replica.WithCurrent(replica.Current with
        {
            Status = succeeded ? ReplicaStatus.Succeeded : ReplicaStatus.Failed,
            FinishedAt = at,
            ExitCode = exitCode,
            Error = error,
        }));

        if (state.Ending is { } ending)
        {
            return state.ActiveReplicas.Any() ? Nothing(state) : Finish(state, at, ending, state.Reason);
        }

        return succeeded ? Succeeded(state, at) : Failed(state, at, state.Replicas[index]);
    }

    private static ExecutionStep Succeeded(ExecutionState state, DateTimeOffset at)
    {
        var missing = state.Settings.ReplicaCompletionCount - Completions(state);
        if (missing <= 0)
        {
            return End(state, at, ExecutionStatus.Succeeded, reason: null);
        }

        var active = state.ActiveReplicas.Count();
        return StartNew(state, Math.Max(0, Math.Min(state.Settings.Parallelism, missing) - active));
    }

    private static ExecutionStep Failed(ExecutionState state, DateTimeOffset at, ReplicaState replica)
    {
        if (replica.Attempts.Length <= state.Settings.ReplicaRetryLimit)
        {
            var next = new ReplicaAttempt(replica.Attempts.Length + 1);
            return new(With(state, replica with { Attempts = replica.Attempts.Add(next) }), [new StartReplica(replica.Index, next.Number)]);
        }

        return Completions(state) + state.ActiveReplicas.Count() >= state.Settings.ReplicaCompletionCount
            ? Nothing(state)
            : End(state, at, ExecutionStatus.Failed, Describe(replica));
    }

    private static string Describe(ReplicaState replica)
    {
        var what = replica.Current.Error is { } error ? $"could not be started: {error}" : $"exited with code {replica.Current.ExitCode}";
        var attempts = replica.Attempts.Length == 1 ? "" : $" (attempt {replica.Attempts.Length})";
        return $"Replica {replica.Index} {what}{attempts}";
    }

    private static ExecutionStep Deadline(ExecutionState state, DateTimeOffset at)
    {
        if (state.Ending is null)
        {
            return End(
                state, at, ExecutionStatus.TimedOut,
                $"Timed out: it ran longer than its replica timeout of {InWords(state.Settings.ReplicaTimeout)}");
        }

        return new(
            state with { Deadline = null },
            [.. state.ActiveReplicas.Select(replica => new KillReplica(replica.Index, replica.Current.Number))]);
    }

    private static string InWords(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";

    private static ExecutionStep End(ExecutionState state, DateTimeOffset at, ExecutionStatus ending, string? reason)
    {
        var active = state.ActiveReplicas.ToList();
        return active.Count == 0
            ? Finish(state, at, ending, reason)
            : new(
                state with { Ending = ending, Reason = reason, Deadline = at + state.Settings.GracePeriod },
                [.. active.Select(replica => new TerminateReplica(replica.Index, replica.Current.Number))]);
    }

    private static ExecutionStep Finish(ExecutionState state, DateTimeOffset at, ExecutionStatus status, string? reason) =>
        Nothing(state with { Status = status, Ending = status, Reason = reason, FinishedAt = at, Deadline = null });

    private static ExecutionStep Abandon(ExecutionState state, DateTimeOffset at, string error)
    {
        foreach (var replica in state.ActiveReplicas.ToList())
        {
            state = With(
                state, replica.WithCurrent(replica.Current with { Status = ReplicaStatus.Failed, FinishedAt = at, Error = error }));
        }

        return Finish(state, at, ExecutionStatus.Failed, error);
    }

    private static ExecutionStep StartNew(ExecutionState state, int count)
    {
        var replicas = Enumerable.Range(state.Replicas.Length, count).Select(index => new ReplicaState(index, [new ReplicaAttempt(1)]))
            .ToList();
        return new(
            state with { Replicas = state.Replicas.AddRange(replicas) },
            [.. replicas.Select(replica => new StartReplica(replica.Index, 1))]);
    }

    private static int Completions(ExecutionState state) =>
        state.Replicas.Count(replica => replica.Current.Status is ReplicaStatus.Succeeded);

    private static ExecutionState With(ExecutionState state, ReplicaState replica) =>
        state with { Replicas = state.Replicas.SetItem(replica.Index, replica) };

    private static ExecutionStep Nothing(ExecutionState state) => new(state, []);
}
