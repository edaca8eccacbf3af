using System.Collections.Concurrent;
using KedaJobs.Hosting.Local.Executions;
using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Scaling.Executions;
using KedaJobs.Scaling.Rules;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local;

/// <summary>What a local job is made of.</summary>
internal sealed record LocalJobParts
{
    public required string Name { get; init; }

    public required string JobName { get; init; }

    /// <summary>The path of the entity that triggers it.</summary>
    public required string EntityPath { get; init; }

    public required EventJobOptions Options { get; init; }

    public required TimeSpan PollingInterval { get; init; }

    /// <summary>The rows' names with the service instance their telemetry carries, in the order of their use.</summary>
    public required IReadOnlyDictionary<string, string> Rows { get; init; }

    public required IReplicaTemplateSource Templates { get; init; }

    public required IReplicaStarter Starter { get; init; }

    /// <summary>Gives the log of a row, emptied of the execution that was there before.</summary>
    public required Func<string, ILogger> OpenRowLog { get; init; }

    /// <summary>The log of the worker's row: decisions and problems.</summary>
    public required ILogger Log { get; init; }

    /// <summary>The AppHost's own log, which most people see on its console: starts, ends and problems only.</summary>
    public required ILogger ConsoleLog { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required Random Random { get; init; }

    public required ScalingMetrics Metrics { get; init; }
}

/// <summary>The local KEDA of one job: polls the queue, decides by <see cref="ScaleRule"/>, starts executions and follows them to their end.</summary>
internal sealed class LocalJob(LocalJobParts parts)
{
    private readonly ConcurrentDictionary<string, ExecutionRunner> _runners = new();
    private readonly ExecutionSettings _settings = new()
    {
        Parallelism = parts.Options.Parallelism,
        ReplicaCompletionCount = parts.Options.ReplicaCompletionCount,
        ReplicaRetryLimit = parts.Options.ReplicaRetryLimit,
        ReplicaTimeout = parts.Options.ReplicaTimeout,
    };

    private volatile bool _isStopping;

    public string Name => parts.Name;

    public EventJobOptions Options => parts.Options;

    public TimeSpan PollingInterval => parts.PollingInterval;

    public DateTimeOffset Now => parts.TimeProvider.GetUtcNow();

    public LocalJobState State { get; } = new(parts.Rows.Keys);

    /// <summary>Polls until cancelled: at once, then at every interval, never two polls at a time.</summary>
    public async Task RunAsync(IQueueReader queue, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(parts.PollingInterval, parts.TimeProvider);
        var runaway = new RunawayWatch(queue, parts.EntityPath, parts.TimeProvider, parts.Log);
        try
        {
            do
            {
                await PollAsync(queue, runaway, cancellationToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The AppHost stops.
        }
    }

    /// <summary>Tells on the row what keeps the job from being polled at all.</summary>
    public void Report(string problem)
    {
        ReportProblem(problem);
        State.Change(snapshot => snapshot with { Problem = problem });
    }

    public async Task<JobExecution> StartOneAsync(CancellationToken cancellationToken)
    {
        var template = await parts.Templates.PrepareAsync(cancellationToken).ConfigureAwait(false);
        return TryStart(template)
            ?? throw new InvalidOperationException(_isStopping
                ? $"'{Name}' is stopping."
                : $"{State.Current.Counts.Running} executions of '{Name}' run, and no more may run at once (MaxExecutions, KedaJobs:Local:Slots).");
    }

    /// <returns>Whether it was not paused before.</returns>
    public bool Pause() => SetPaused(true);

    /// <returns>Whether it was paused before.</returns>
    public bool Resume() => SetPaused(false);

    /// <summary>Asks every execution that runs to end.</summary>
    /// <returns>How many were asked.</returns>
    public int StopAll() => _runners.Keys.Count(Stop);

    /// <summary>Asks an execution to end.</summary>
    /// <returns>Whether it runs.</returns>
    public bool Stop(string execution)
    {
        if (!_runners.TryGetValue(execution, out var runner))
        {
            return false;
        }

        runner.Stop("Stopped on request");
        return true;
    }

    public Task StopAllAsync()
    {
        var runners = _runners.Values.ToList();
        StopAll();
        return Task.WhenAll(runners.Select(runner => runner.Completion));
    }

    /// <summary>Ends everything with the AppHost: SIGTERM to all, SIGKILL when the token is cancelled. Nothing starts afterwards.</summary>
    public async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        var stopped = StopAllAsync();
        using var kill = cancellationToken.Register(() =>
        {
            foreach (var runner in _runners.Values)
            {
                runner.Kill();
            }
        });
        await stopped.ConfigureAwait(false);
        State.Complete();
    }

    private bool SetPaused(bool value)
    {
        var changed = false;
        State.Change(snapshot =>
        {
            changed = snapshot.IsPaused != value;
            return changed ? snapshot with { IsPaused = value } : snapshot;
        });
        if (changed)
        {
            Hosting.Log.ScalingSwitched(parts.Log, value ? "paused" : "resumed");
        }

        return changed;
    }

    private async Task PollAsync(IQueueReader queue, RunawayWatch runaway, CancellationToken cancellationToken)
    {
        var began = Now;
        var (counts, problem) = await ReadAsync(queue, cancellationToken).ConfigureAwait(false);
        var arrived = parts.TimeProvider.GetTimestamp();
        var before = State.Current;
        var decision = Decide(counts, before.Counts);
        var started = 0L;
        if (decision.Start > 0 && !before.IsPaused)
        {
            (started, var startProblem) = await StartAsync(decision.Start, arrived, cancellationToken).ConfigureAwait(false);
            problem ??= startProblem;
        }

        parts.Metrics.Polled(Name, counts?.Active);
        if (counts is not null)
        {
            await runaway.ObserveAsync(counts.Active, before, cancellationToken).ConfigureAwait(false);
        }

        var reason = Explain(decision, started, before.IsPaused);
        LogChanges(before, reason, started, problem, runaway.Finding);
        State.Change(snapshot => snapshot with
        {
            QueueLength = counts?.Active,
            DeadLetters = counts?.DeadLettered,
            LastPoll = began,
            LastStart = started,
            LastReason = reason,
            Problem = problem,
            Runaway = runaway.Finding,
        });
    }

    /// <summary>The counts, or null (unknown, which is not zero) and why.</summary>
    private async Task<(QueueCounts? Counts, string? Problem)> ReadAsync(IQueueReader queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await queue.ReadAsync(cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"The counts of '{parts.EntityPath}' cannot be read, so nothing is started: {exception.Message}");
        }
    }

    private ScaleDecision Decide(QueueCounts? counts, ExecutionCounts executions) => ScaleRule.Decide(new()
    {
        Min = Options.MinExecutions,
        Max = Options.MaxExecutions,
        Running = executions.Running,
        Pending = executions.Pending,
        Triggers = [counts is null ? TriggerReading.Failed : new(counts.Active, Options.MessageCount, Options.ActivationMessageCount)],
    });

    private async Task<(long Started, string? Problem)> StartAsync(long count, long arrived, CancellationToken cancellationToken)
    {
        ReplicaTemplate template;
        try
        {
            template = await parts.Templates.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidOperationException exception)
        {
            return (0, exception.Message);
        }

        var started = 0L;
        while (started < count && TryStart(template) is not null)
        {
            started++;
            parts.Metrics.ProcessStarted(Name, parts.TimeProvider.GetElapsedTime(arrived));
        }

        return (started, null);
    }

    /// <summary>Starts an execution, unless as many run as may or the AppHost is stopping.</summary>
    private JobExecution? TryStart(ReplicaTemplate template)
    {
        ExecutionStep step;
        lock (parts.Random)
        {
            step = ExecutionLifeCycle.Create(ExecutionName.Create(parts.JobName, parts.Random), _settings, Now);
        }

        if (_isStopping || State.TryAdd(step.State, Options.MaxExecutions) is not { } execution)
        {
            return null;
        }

        var log = parts.OpenRowLog(execution.Row);
        Hosting.Log.ExecutionStarts(log, execution.Name);
        Hosting.Log.JobExecutionStarted(parts.ConsoleLog, Name, execution.Name);
        parts.Metrics.Started(Name);
        var runner = new ExecutionRunner(
            step,
            replica => template.For(Identity(execution, replica)),
            parts.Starter,
            (state, processIds) => State.Replace(execution with { State = state, ProcessIds = processIds }),
            parts.TimeProvider,
            log);
        _runners[execution.Name] = runner;
        _ = FollowAsync(runner);
        if (_isStopping)
        {
            // The shutdown may have looked at the runners just before this one was among them.
            runner.Stop("Stopped on request");
        }

        return execution;
    }

    private async Task FollowAsync(ExecutionRunner runner)
    {
        var ended = await runner.Completion.ConfigureAwait(false);
        _runners.TryRemove(ended.Name, out _);
        await runner.DisposeAsync().ConfigureAwait(false);
        var duration = ended.FinishedAt!.Value - ended.CreatedAt;
        parts.Metrics.Ended(Name, ended.Status, duration);
        var status = ended.Status.InPlainWords();
        Hosting.Log.ExecutionEnded(parts.Log, ended.Name, status, duration.TotalSeconds, ended.ExitCode);
        Hosting.Log.JobExecutionEnded(parts.ConsoleLog, Name, ended.Name, status, duration.TotalSeconds, ended.ExitCode);
    }

    private ReplicaIdentity Identity(JobExecution execution, int replica) =>
        new(parts.JobName, execution.Name, $"{execution.Name}-{replica}")
        {
            ServiceName = Name,
            ServiceInstance = parts.Rows[execution.Row],
        };

    private static string Explain(ScaleDecision decision, long started, bool isPaused)
    {
        var reason = string.Join("; ", decision.Reasons);
        return isPaused ? $"{reason} (scaling is paused: none started)"
            : started < decision.Start ? $"{reason} (started here: {started})"
            : reason;
    }

    private void LogChanges(EventJobSnapshot before, string reason, long started, string? problem, string? runaway)
    {
        if (started > 0)
        {
            Hosting.Log.Scaled(parts.Log, reason);
        }

        if (problem is not null && problem != before.Problem)
        {
            ReportProblem(problem);
        }
        else if (problem is null && before.Problem is not null)
        {
            Hosting.Log.ProblemGone(parts.Log);
            Hosting.Log.JobRecovered(parts.ConsoleLog, Name);
        }

        if (runaway is not null && runaway != before.Runaway)
        {
            ReportProblem(runaway);
        }
    }

    private void ReportProblem(string problem)
    {
        Hosting.Log.Problem(parts.Log, problem);
        Hosting.Log.JobProblem(parts.ConsoleLog, Name, problem);
    }
}
