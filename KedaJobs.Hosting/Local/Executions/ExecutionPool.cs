using System.Collections.Concurrent;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>Why an execution is not started.</summary>
internal enum StartRefusal
{
    AtMaximum,
    Paused,
    Stopping,
}

/// <summary>A job's executions that run here: starts them, follows them to their end, stops them.</summary>
internal sealed class ExecutionPool(LocalJobParts parts, LocalJobState state)
{
    // Held while a process is started, so that nothing is being started any more once a pause or a stop has taken it.
    private readonly Lock _starting = new();
    private readonly ConcurrentDictionary<string, (ExecutionRunner Runner, Task Followed)> _running = new();
    private readonly ConcurrentDictionary<string, ExecutionLog> _logs = new();
    private readonly ExecutionSettings _settings = new()
    {
        Parallelism = parts.Options.Parallelism,
        ReplicaCompletionCount = parts.Options.ReplicaCompletionCount,
        ReplicaRetryLimit = parts.Options.ReplicaRetryLimit,
        ReplicaTimeout = parts.Options.ReplicaTimeout,
    };

    private bool _isStopping;
    private volatile bool _isPauseWanted;

    /// <summary>Starts an execution. When this returns its first processes have been started.</summary>
    /// <param name="template">What its replicas have in common.</param>
    /// <param name="evenIfPaused">Whether it was requested manually, not by a poll.</param>
    /// <returns>The execution, or why there is none.</returns>
    public (JobExecution? Execution, StartRefusal? Refusal) TryStart(ReplicaTemplate template, bool evenIfPaused)
    {
        lock (_starting)
        {
            if (_isStopping)
            {
                return (null, StartRefusal.Stopping);
            }

            if ((_isPauseWanted || state.Current.IsPaused) && !evenIfPaused)
            {
                return (null, StartRefusal.Paused);
            }

            var step = Create();
            return state.TryAdd(step.State, parts.Options.MaxExecutions) is { } execution
                ? (Start(execution, step, template), null)
                : (null, StartRefusal.AtMaximum);
        }
    }

    /// <summary>Pauses or resumes what polls start. When this returns, no poll is starting executions.</summary>
    /// <returns>Whether that is a change.</returns>
    public bool SetPaused(bool value)
    {
        // A caller that starts many in a row takes the lock again and again: this stops it after the current start.
        _isPauseWanted = value;
        lock (_starting)
        {
            if (state.Current.IsPaused == value)
            {
                return false;
            }

            state.Change(snapshot => snapshot with { IsPaused = value });
            return true;
        }
    }

    /// <summary>Asks an execution to end.</summary>
    /// <returns>Whether it runs.</returns>
    public bool Stop(string execution)
    {
        if (!_running.TryGetValue(execution, out var running))
        {
            return false;
        }

        running.Runner.Stop("Stopped on request");
        return true;
    }

    /// <summary>Asks every execution that runs to end.</summary>
    /// <returns>How many were asked, and a task that ends when all of them have ended.</returns>
    public (int Asked, Task Ended) StopAll()
    {
        (ExecutionRunner Runner, Task Followed)[] running;
        lock (_starting)
        {
            running = [.. _running.Values];
        }

        foreach (var (runner, _) in running)
        {
            runner.Stop("Stopped on request");
        }

        return (running.Length, Task.WhenAll(running.Select(execution => execution.Followed)));
    }

    /// <summary>Stops everything; nothing starts afterwards.</summary>
    /// <param name="kill">When it is canceled, what still runs is killed.</param>
    public async Task ShutDownAsync(CancellationToken kill)
    {
        lock (_starting)
        {
            _isStopping = true;
        }

        var (_, ended) = StopAll();
        using var killing = kill.Register(() =>
        {
            foreach (var (runner, _) in _running.Values)
            {
                runner.Kill();
            }
        });
        await ended.ConfigureAwait(false);
    }

    /// <summary>The end of an execution's log; empty for one that is no longer kept.</summary>
    public IReadOnlyList<string> LogOf(string execution) => _logs.TryGetValue(execution, out var log) ? log.Lines : [];

    private ExecutionStep Create()
    {
        // The suffix is random and may, rarely, repeat.
        string name;
        do
        {
            name = ExecutionName.Create(parts.JobName, parts.Random);
        }
        while (_logs.ContainsKey(name));

        return ExecutionLifeCycle.Create(name, _settings, parts.TimeProvider.GetUtcNow());
    }

    private JobExecution Start(JobExecution execution, ExecutionStep step, ReplicaTemplate template)
    {
        var log = execution.ResourceName is { } slot
            ? new ExecutionLog(parts.OpenSlotLog(slot), "")
            : new ExecutionLog(parts.Log.Resource, $"[{execution.Name}] ");
        _logs[execution.Name] = log;
        Forget();
        parts.Log.Started(log, execution.Name);
        parts.Metrics.Started(parts.Name);
        ExecutionRunner runner;
        try
        {
            runner = new ExecutionRunner(
                step,
                replica => template.For(parts.IdentityOf(execution, replica)),
                parts.Starter,
                (current, processIds) => Changed(execution with { State = current, ProcessIds = [.. processIds] }, log),
                parts.TimeProvider,
                log);
        }
        catch (Exception exception)
        {
            Ended(Fail(execution, step.State, log, exception));
            return execution;
        }

        // It may have ended already; following it is what removes it again.
        var followed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[execution.Name] = (runner, followed.Task);
        _ = FollowAsync(execution, runner, log, followed);
        return execution;
    }

    private void Changed(JobExecution execution, ExecutionLog log)
    {
        if (execution.IsFinished)
        {
            // Before its slot can be given to another execution.
            log.Close();
        }

        state.Replace(execution);
    }

    private async Task FollowAsync(JobExecution execution, ExecutionRunner runner, ExecutionLog log, TaskCompletionSource followed)
    {
        try
        {
            ExecutionState ended;
            try
            {
                ended = await runner.Completion.ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                runner.Kill();
                ended = Fail(execution, runner.State, log, exception);
            }

            await runner.DisposeAsync().ConfigureAwait(false);
            Ended(ended);
        }
        finally
        {
            _running.TryRemove(execution.Name, out _);
            followed.SetResult();
        }
    }

    /// <summary>In case of any error: the execution must not count as running forever.</summary>
    private ExecutionState Fail(JobExecution execution, ExecutionState current, ExecutionLog log, Exception exception)
    {
        Log.RunnerFailed(log, execution.Name, exception.Message, exception);
        var failed = ExecutionLifeCycle.Apply(
            current, new RunnerFailed(parts.TimeProvider.GetUtcNow(), $"The local runner failed: {exception.Message}")).State;
        Changed(execution with { State = failed }, log);
        return failed;
    }

    private void Ended(ExecutionState ended)
    {
        var duration = ended.FinishedAt!.Value - ended.CreatedAt;
        parts.Metrics.Ended(parts.Name, ended.Status, duration);
        parts.Log.Ended(ended, duration);
    }

    /// <summary>Drops the logs of executions that are no longer kept.</summary>
    private void Forget()
    {
        if (_logs.Count <= 2 * ExecutionHistory.DefaultLimit)
        {
            return;
        }

        var kept = state.Current.Executions.Select(execution => execution.Name).ToHashSet();
        foreach (var name in _logs.Keys.Where(name => !kept.Contains(name)))
        {
            _logs.TryRemove(name, out _);
        }
    }
}
