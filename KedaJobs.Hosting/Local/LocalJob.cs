using System.Globalization;
using KedaJobs.Hosting.Local.Executions;
using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Scaling.Executions;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Schedules;

namespace KedaJobs.Hosting.Local;

/// <summary>The local KEDA of one job: polls its triggers, decides by <see cref="ScaleRule"/> and starts executions.</summary>
internal sealed class LocalJob : IDisposable
{
    private readonly LocalJobParts _parts;
    private readonly ExecutionPool _executions;
    private readonly SemaphoreSlim _polling = new(1);
    private readonly TaskCompletionSource<IReadOnlyList<(JobTrigger Trigger, RunawayWatch Watch)>> _triggers =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Dictionary<string, RunawayFinding> _findings = [];
    private string? _workerProblem;
    private long _pollsBegun;

    public LocalJob(LocalJobParts parts)
    {
        _parts = parts;
        State = new(parts.Slots.Keys);
        _executions = new(parts, State);
    }

    public string Name => _parts.Name;

    public JobKind Kind => _parts.Kind;

    public EventJobOptions Options => _parts.Options;

    public TimeSpan PollingInterval => _parts.PollingInterval;

    public TimeProvider TimeProvider => _parts.TimeProvider;

    /// <summary>How many polls have begun. Later ones see what is in the queues now.</summary>
    public long PollsBegun => Interlocked.Read(ref _pollsBegun);

    public LocalJobState State { get; }

    /// <summary>What polls the job, once it can be polled.</summary>
    public Task<IReadOnlyList<(JobTrigger Trigger, RunawayWatch Watch)>> Triggers => _triggers.Task;

    /// <summary>Finds the worker's program if that takes minutes: until then, polls could not start anything.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (!_parts.Templates.IsSlow)
        {
            return;
        }

        State.Change(
            snapshot => snapshot with { Status = JobStatus.Starting, LastReason = "the worker's image is being built: none started" });
        try
        {
            await _parts.Templates.LocateAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The first poll asks again, and reports it.
        }

        State.Change(snapshot => snapshot with { LastReason = "" });
    }

    /// <summary>Polls until canceled: immediately, then at every interval, never two polls at a time.</summary>
    public async Task RunAsync(IReadOnlyList<JobTrigger> triggers, CancellationToken cancellationToken)
    {
        SetStatus(JobStatus.Starting);
        _triggers.SetResult([.. triggers.Select(trigger => (trigger, new RunawayWatch(
            trigger, () => State.Current, finding => Found(trigger, finding), CallDeadline.Keda, _parts.TimeProvider,
            _parts.Log.Resource)))]);
        using var timer = new PeriodicTimer(_parts.PollingInterval, _parts.ScheduleClock);
        try
        {
            do
            {
                await PollAsync(evenIfPaused: false, cancellationToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The AppHost stops.
        }
    }

    /// <summary>Follows the schedule, if there is one, until canceled. Otherwise executions start on demand only.</summary>
    public async Task RunUnscaledAsync(CancellationToken cancellationToken)
    {
        _triggers.SetResult([]);
        State.Change(snapshot => snapshot with { Status = JobStatus.Running });
        var problem = await FindWorkerProblemAsync(State.Current, cancellationToken).ConfigureAwait(false);
        Publish(State.Current, snapshot => snapshot with { Problem = problem });
        if (_parts.Schedule is { } expression)
        {
            await new ScheduleLoop(CronSchedule.Parse(expression).Schedule!, _parts.ScheduleClock).RunAsync(
                (decision, token) => FollowScheduleAsync(expression, decision, token), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FollowScheduleAsync(string expression, ScheduleDecision decision, CancellationToken cancellationToken)
    {
        if (decision.Due is not { } due)
        {
            State.Change(snapshot => snapshot with { NextScheduledTime = decision.Next });
            return;
        }

        var began = _parts.TimeProvider.GetUtcNow();
        var before = State.Current;
        var reason = $"scheduled for {due.ToString("u", CultureInfo.InvariantCulture)} by '{expression}'";
        var (started, problem) = before.IsPaused
            ? (0, null)
            : await StartAsync(1, evenIfPaused: false, _parts.TimeProvider.GetTimestamp(), cancellationToken).ConfigureAwait(false);
        Publish(before, snapshot => snapshot with
        {
            NextScheduledTime = decision.Next,
            LastPoll = began,
            LastStart = started,
            LastReason = before.IsPaused ? $"{reason} (the schedule is paused: none started)" : $"{reason}: start 1",
            Problem = problem,
        });
    }

    /// <summary>Polls once now, even while scaling is paused; the check of the queues that follows is finished when this returns.</summary>
    public async Task<JobSnapshot> PollNowAsync(CancellationToken cancellationToken)
    {
        if (_parts.Kind != JobKind.Event)
        {
            throw new JobException(
                $"'{Name}' has no triggers to poll. "
                + $"Call StartExecutionAsync{(_parts.Schedule is null ? "" : ", or advance the clock of its schedule")}.");
        }

        var triggers = await _triggers.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await PollAsync(evenIfPaused: true, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(triggers.Select(trigger => trigger.Watch.Look)).WaitAsync(cancellationToken).ConfigureAwait(false);
        return State.Current;
    }

    public void SetStatus(JobStatus status) => State.Change(snapshot => snapshot with { Status = status });

    /// <summary>Sets the problem that keeps the job from being scaled.</summary>
    public void Fail(string problem)
    {
        _parts.Log.Problem(problem);
        State.Change(snapshot => snapshot with { Status = JobStatus.FailedToStart, Problem = problem });
        _triggers.TrySetException(new JobException(problem));
    }

    /// <exception cref="JobException">It cannot be started; the message says why.</exception>
    public async Task<JobExecution> StartOneAsync(CancellationToken cancellationToken)
    {
        ReplicaTemplate template;
        try
        {
            template = await _parts.Templates.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new JobException(exception.Message, exception);
        }

        var (execution, refusal) = _executions.TryStart(template, evenIfPaused: true);
        return execution ?? throw (refusal is StartRefusal.Stopping
            ? new JobStoppedException(Name)
            : new JobException(
                $"{State.Current.Counts.Running} executions of '{Name}' are running, which is its maximum (MaxExecutions)."));
    }

    /// <returns>Whether it was not paused before.</returns>
    public bool Pause() => SetPaused(true);

    /// <returns>Whether it was paused before.</returns>
    public bool Resume() => SetPaused(false);

    /// <summary>Asks every execution that runs to end.</summary>
    /// <returns>How many were asked.</returns>
    public int StopAll() => _executions.StopAll().Asked;

    public Task StopAllAsync() => _executions.StopAll().Ended;

    /// <summary>Asks an execution to end.</summary>
    /// <returns>Whether it runs.</returns>
    public bool Stop(string execution) => _executions.Stop(execution);

    public IReadOnlyList<string> LogOf(string execution) => _executions.LogOf(execution);

    /// <summary>Ends everything with the AppHost: SIGTERM to all, SIGKILL when the token is canceled. Nothing starts afterwards.</summary>
    public async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        SetStatus(JobStatus.Stopping);
        await _executions.ShutDownAsync(cancellationToken).ConfigureAwait(false);
        SetStatus(JobStatus.Stopped);
        _triggers.TrySetException(new JobStoppedException(Name));
        State.Complete();
    }

    public void Dispose() => _polling.Dispose();

    private bool SetPaused(bool value)
    {
        var changed = _executions.SetPaused(value);
        if (changed)
        {
            Log.ScalingSwitched(_parts.Log.Resource, Kind == JobKind.Event ? "Scaling" : "Schedule", value ? "paused" : "resumed");
        }

        return changed;
    }

    private async Task PollAsync(bool evenIfPaused, CancellationToken cancellationToken)
    {
        var triggers = await _triggers.Task.ConfigureAwait(false);
        await _polling.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Interlocked.Increment(ref _pollsBegun);
            var began = _parts.TimeProvider.GetUtcNow();
            try
            {
                await PollAsync(triggers, began, evenIfPaused, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // A failed poll affects only that poll; the next one may succeed.
                Publish(
                    State.Current,
                    snapshot => snapshot with { LastPoll = began, LastStart = 0, Problem = $"The poll failed: {exception.Message}" });
            }
        }
        finally
        {
            _polling.Release();
        }
    }

    private async Task PollAsync(
        IReadOnlyList<(JobTrigger Trigger, RunawayWatch Watch)> triggers, DateTimeOffset began, bool evenIfPaused,
        CancellationToken cancellationToken)
    {
        var readings = await Task.WhenAll(triggers.Select(trigger => ReadAsync(trigger.Trigger, cancellationToken))).ConfigureAwait(false);
        var arrived = _parts.TimeProvider.GetTimestamp();
        var before = State.Current;
        var decision = Decide(triggers, readings, before.Counts);
        var isPaused = before.IsPaused && !evenIfPaused;
        var (started, startProblem) = decision.Start > 0 && !isPaused
            ? await StartAsync(decision.Start, evenIfPaused, arrived, cancellationToken).ConfigureAwait(false)
            : (0, await FindWorkerProblemAsync(before, cancellationToken).ConfigureAwait(false));

        var counts = triggers.Zip(readings).Where(pair => pair.First.Trigger.HasMessages).Select(pair => pair.Second.Counts).ToList();
        long? length = counts.All(count => count is not null) ? counts.Sum(count => count!.Active) : null;
        _parts.Metrics.Polled(Name, length);
        Publish(before, snapshot => snapshot with
        {
            Status = snapshot.Status is JobStatus.Starting && counts.Exists(count => count is not null)
                ? JobStatus.Running
                : snapshot.Status,
            QueueLength = length,
            DeadLetters = length is null ? null : counts.Sum(count => count!.DeadLettered ?? 0),
            Triggers = [.. triggers.Zip(
                readings,
                (trigger, reading) => new TriggerSnapshot(trigger.Trigger.Name, reading.Counts?.Active, reading.Counts?.DeadLettered))],
            LastPoll = began,
            LastStart = started,
            LastReason = Explain(decision, started, isPaused),
            Problem = readings.Select(reading => reading.Problem).FirstOrDefault(problem => problem is not null) ?? startProblem,
        });
        foreach (var ((trigger, watch), (count, _)) in triggers.Zip(readings))
        {
            if (count is not null && trigger.HasMessages)
            {
                watch.Polled(began, count.Active, cancellationToken);
            }
        }
    }

    /// <summary>The counts, or null (unknown, which is not zero) and why.</summary>
    private async Task<(TriggerCounts? Counts, string? Problem)> ReadAsync(JobTrigger trigger, CancellationToken cancellationToken)
    {
        try
        {
            return (await WithDeadlineAsync(trigger.Reader.ReadAsync, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"The message counts of '{trigger.Name}' could not be read, so it starts no executions: {exception.Message}");
        }
    }

    private ScaleDecision Decide(
        IReadOnlyList<(JobTrigger Trigger, RunawayWatch Watch)> triggers, (TriggerCounts? Counts, string? Problem)[] readings,
        ExecutionCounts executions) =>
        ScaleRule.Decide(new()
        {
            Min = Options.MinExecutions,
            Max = Options.MaxExecutions,
            Running = executions.Running,
            Pending = executions.Pending,
            Triggers = [.. triggers.Zip(readings, (trigger, reading) => trigger.Trigger.Reading(reading.Counts))],
        });

    private async Task<(long Started, string? Problem)> StartAsync(
        long count, bool evenIfPaused, long arrived, CancellationToken cancellationToken)
    {
        ReplicaTemplate template;
        try
        {
            template = await WithDeadlineAsync(_parts.Templates.PrepareAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (0, _workerProblem = InWords(exception));
        }

        _workerProblem = null;
        var started = 0L;
        while (started < count && _executions.TryStart(template, evenIfPaused).Execution is not null)
        {
            started++;
            _parts.Metrics.ProcessStarted(Name, _parts.TimeProvider.GetElapsedTime(arrived));
        }

        return (started, null);
    }

    /// <summary>
    /// Whether the worker can be found, where nothing has to be started: asked at the first poll, and again until it can.
    /// </summary>
    private async Task<string?> FindWorkerProblemAsync(JobSnapshot before, CancellationToken cancellationToken)
    {
        if (before.Polls > 0 && _workerProblem is null)
        {
            return null;
        }

        try
        {
            await WithDeadlineAsync(_parts.Templates.LocateAsync, cancellationToken).ConfigureAwait(false);
            return _workerProblem = null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return _workerProblem = InWords(exception);
        }
    }

    private Task<T> WithDeadlineAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        CallDeadline.ApplyAsync(call, CallDeadline.Keda, _parts.TimeProvider, cancellationToken);

    private static string Explain(ScaleDecision decision, long started, bool isPaused)
    {
        var reason = string.Join("; ", decision.Reasons);
        return isPaused ? $"{reason} (scaling is paused: none started)"
            : started < decision.Start ? $"{reason} (started here: {started})"
            : reason;
    }

    private void Publish(JobSnapshot before, Func<JobSnapshot, JobSnapshot> change)
    {
        var after = before;
        State.Change(snapshot => after = change(snapshot) with { Polls = snapshot.Polls + 1 });
        if (after.LastStart > 0)
        {
            Log.Scaled(_parts.Log.Resource, after.LastReason);
        }

        if (after.Problem is { } problem && problem != before.Problem)
        {
            _parts.Log.Problem(problem);
        }
        else if (after.Problem is null && before.Problem is not null)
        {
            _parts.Log.Recovered();
        }
    }

    private void Found(JobTrigger trigger, RunawayFinding? finding)
    {
        lock (_findings)
        {
            var known = _findings.GetValueOrDefault(trigger.Name);
            if (finding is null)
            {
                _findings.Remove(trigger.Name);
                Log.RunawayOver(_parts.Log.Resource, trigger.Name);
            }
            else
            {
                _findings[trigger.Name] = finding;
                if (finding.Cause != known?.Cause)
                {
                    // Once for each cause: the numbers in it change with every poll.
                    _parts.Log.Problem($"{finding.Reason} {finding.Cure}");
                }
            }

            State.Change(snapshot => snapshot with { Runaway = _findings.Values.FirstOrDefault() });
        }
    }

    private static string InWords(Exception exception) => exception is TimeoutException
        ? $"The worker's program or environment was not available. {exception.Message}"
        : exception.Message;
}
