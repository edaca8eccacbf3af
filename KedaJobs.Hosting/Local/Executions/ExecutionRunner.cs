using System.Collections.Immutable;
using System.Threading.Channels;
using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Scaling.Executions;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>
/// Runs one execution: carries out what <see cref="ExecutionLifeCycle"/> requires of its replicas and reports the outcome. Events are
/// applied one at a time, in the order in which they arrive.
/// </summary>
internal sealed class ExecutionRunner : IAsyncDisposable
{
    /// <summary>Timers are limited to 49 days, but Azure accepts replica timeouts of years: a timer that fires early is rearmed.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Channel<ExecutionEvent> _events = Channel.CreateUnbounded<ExecutionEvent>(new() { SingleReader = true });
    private readonly Dictionary<(int Replica, int Attempt), IReplicaProcess> _processes = [];
    private readonly IReplicaStarter _starter;
    private readonly Func<int, ReplicaStart> _replica;
    private readonly Action<ExecutionState, IReadOnlyList<int>> _changed;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private ExecutionState _state;

    /// <param name="step">The execution as it was created.</param>
    /// <param name="replica">How the replica with this index starts.</param>
    /// <param name="starter">Starts processes.</param>
    /// <param name="changed">Gets every later state of the execution, with the ids of its processes.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="log">The execution's log; lines of replicas go there too.</param>
    public ExecutionRunner(
        ExecutionStep step,
        Func<int, ReplicaStart> replica,
        IReplicaStarter starter,
        Action<ExecutionState, IReadOnlyList<int>> changed,
        TimeProvider timeProvider,
        ILogger log)
    {
        _state = step.State;
        _replica = replica;
        _starter = starter;
        _changed = changed;
        _timeProvider = timeProvider;
        _log = log;
        _timer = timeProvider.CreateTimer(
            _ => Post(new DeadlineReached(timeProvider.GetUtcNow())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // The first replicas start here, on the caller's thread: nothing lies between the decision and the processes.
        ArmTimer();
        CarryOut(step.Effects);
        while (!_state.Status.IsFinished() && _events.Reader.TryRead(out var first))
        {
            Apply(first);
        }

        Completion = RunAsync();
    }

    /// <summary>Ends when the execution has, with its last state.</summary>
    public Task<ExecutionState> Completion { get; }

    /// <summary>The current state of the execution.</summary>
    public ExecutionState State => Volatile.Read(ref _state);

    /// <summary>Asks the execution to end: SIGTERM now, SIGKILL after the grace period.</summary>
    public void Stop(string reason) => Post(new StopRequested(_timeProvider.GetUtcNow(), reason));

    /// <summary>Kills every process at once; their exits end the execution.</summary>
    public void Kill()
    {
        IReplicaProcess[] processes;
        lock (_processes)
        {
            processes = [.. _processes.Values];
        }

        foreach (var process in processes)
        {
            process.Kill();
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Post(ExecutionEvent happened) => _events.Writer.TryWrite(happened);

    private async Task<ExecutionState> RunAsync()
    {
        while (!_state.Status.IsFinished())
        {
            Apply(await _events.Reader.ReadAsync().ConfigureAwait(false));
        }

        return _state;
    }

    private void Apply(ExecutionEvent happened)
    {
        var step = ExecutionLifeCycle.Apply(_state, happened);
        if (step.State == _state && step.Effects.IsEmpty)
        {
            // A timer may come a little before its time.
            ArmTimer();
            return;
        }

        var before = _state;
        Volatile.Write(ref _state, step.State);
        if (before.Ending is null && _state is { Ending: { } ending, Reason: { } reason })
        {
            Log.ExecutionEnds(_log, _state.Name, ending.InPlainWords(), reason);
        }

        CarryOut(step.Effects);
        ArmTimer();
        _changed(_state, ProcessIds());
    }

    private void ArmTimer()
    {
        var due = Timeout.InfiniteTimeSpan;
        if (_state.Deadline is { } deadline)
        {
            var left = deadline - _timeProvider.GetUtcNow();
            due = left > LongestWait ? LongestWait
                : left > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds))
                : TimeSpan.Zero;
        }

        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void CarryOut(ImmutableArray<ExecutionEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case StartReplica start:
                    Start(start.Replica, start.Attempt);
                    break;
                case TerminateReplica:
                    Find(effect)?.Terminate();
                    break;
                case KillReplica:
                    Find(effect)?.Kill();
                    break;
            }
        }
    }

    private void Start(int replica, int attempt)
    {
        IReplicaProcess process;
        try
        {
            var prefix = _state.Settings.Parallelism > 1 ? $"[{replica + 1}] " : "";
            process = _starter.Start(_replica(replica), (line, isError) => Write(prefix + line, isError));
        }
        catch (Exception exception)
        {
            // Any error that keeps a replica from starting fails this execution only.
            Log.ReplicaNotStarted(_log, _state.Name, exception.Message);
            Post(new ReplicaStartFailed(_timeProvider.GetUtcNow(), replica, attempt, exception.Message));
            return;
        }

        lock (_processes)
        {
            _processes.Add((replica, attempt), process);
        }

        Log.ReplicaStarted(_log, _state.Name, attempt, process.Id);
        Post(new ReplicaStarted(_timeProvider.GetUtcNow(), replica, attempt));
        _ = AwaitExitAsync(process, replica, attempt);
    }

    private async Task AwaitExitAsync(IReplicaProcess process, int replica, int attempt)
    {
        int exitCode;
        try
        {
            exitCode = await process.Exit.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The end would go unnoticed, and the execution would run forever.
            Log.RunnerFailed(_log, _state.Name, exception.Message, exception);
            Kill();
            Post(new RunnerFailed(_timeProvider.GetUtcNow(), $"The local runner failed: {exception.Message}"));
            return;
        }

        lock (_processes)
        {
            _processes.Remove((replica, attempt));
        }

        Log.ReplicaExited(_log, _state.Name, attempt, exitCode);
        Post(new ReplicaExited(_timeProvider.GetUtcNow(), replica, attempt, exitCode));
    }

    private void Write(string line, bool isError)
    {
        if (isError)
        {
            Log.ReplicaErrorLine(_log, line);
        }
        else
        {
            Log.ReplicaLine(_log, line);
        }
    }

    private IReplicaProcess? Find(ExecutionEffect effect)
    {
        lock (_processes)
        {
            return _processes.GetValueOrDefault((effect.Replica, effect.Attempt));
        }
    }

    private IReadOnlyList<int> ProcessIds()
    {
        lock (_processes)
        {
            return [.. _processes.Values.Select(process => process.Id)];
        }
    }
}
