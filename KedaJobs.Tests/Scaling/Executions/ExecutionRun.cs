using KedaJobs.Scaling.Executions;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Scaling.Executions;

/// <summary>Runs one execution by hand: events go in, effects are noted, the one timer hangs on a fake clock.</summary>
internal sealed class ExecutionRun
{
    private readonly ITimer _timer;

    public ExecutionRun(ExecutionSettings settings)
    {
        _timer = Time.CreateTimer(
            _ => Apply(new DeadlineReached(Time.GetUtcNow())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        State = Note(ExecutionLifeCycle.Create("worker-abc1234", settings, Time.GetUtcNow()));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public ExecutionState State { get; private set; }

    /// <summary>Every effect so far, as "start 0.1": replica 0, attempt 1.</summary>
    public List<string> Effects { get; } = [];

    public ExecutionRun Started(int replica, int attempt = 1) => Apply(new ReplicaStarted(Time.GetUtcNow(), replica, attempt));

    public ExecutionRun Exited(int replica, int exitCode, int attempt = 1) =>
        Apply(new ReplicaExited(Time.GetUtcNow(), replica, attempt, exitCode));

    public ExecutionRun StartFailed(int replica, int attempt = 1) =>
        Apply(new ReplicaStartFailed(Time.GetUtcNow(), replica, attempt, "no such file"));

    public ExecutionRun Stop() => Apply(new StopRequested(Time.GetUtcNow(), "Stopped on request"));

    public ExecutionRun Pass(TimeSpan time)
    {
        Time.Advance(time);
        return this;
    }

    public ExecutionRun Apply(ExecutionEvent @event)
    {
        State = Note(ExecutionLifeCycle.Apply(State, @event));
        return this;
    }

    private ExecutionState Note(ExecutionStep step)
    {
        Effects.AddRange(step.Effects.Select(effect => effect switch
        {
            StartReplica => $"start {effect.Replica}.{effect.Attempt}",
            TerminateReplica => $"terminate {effect.Replica}.{effect.Attempt}",
            _ => $"kill {effect.Replica}.{effect.Attempt}",
        }));
        _timer.Change(step.State.Deadline - Time.GetUtcNow() ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return step.State;
    }
}
