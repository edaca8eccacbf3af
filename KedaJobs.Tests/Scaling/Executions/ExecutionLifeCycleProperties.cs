using CsCheck;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Tests.Scaling.Executions;

/// <summary>Whatever order things happen in, the state machine keeps its promises.</summary>
public class ExecutionLifeCycleProperties
{
    private static readonly Gen<ExecutionSettings> Settings = Gen.Select(
        Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[0, 2],
        (parallelism, completions, retries) => new ExecutionSettings
        {
            Parallelism = parallelism,
            ReplicaCompletionCount = completions,
            ReplicaRetryLimit = retries,
            ReplicaTimeout = TimeSpan.FromMinutes(10),
        });

    private static readonly Gen<Func<ExecutionState, DateTimeOffset, ExecutionEvent>> Happening = Gen.Select(
        Gen.Int[0, 7], Gen.Int[0, 5], Gen.Int[1, 3], Gen.Int[0, 1],
        (kind, replica, attempt, exitCode) => (Func<ExecutionState, DateTimeOffset, ExecutionEvent>)((state, at) => kind switch
        {
            0 or 1 or 2 => new ReplicaStarted(at, replica, attempt),
            3 or 4 or 5 => new ReplicaExited(at, replica, attempt, exitCode),
            6 => new ReplicaStartFailed(at, replica, attempt, "no"),
            _ => attempt == 1 ? new StopRequested(at, "stop") : new DeadlineReached(at),
        }));

    [Fact]
    public void Never_more_attempts_or_replicas_than_declared_and_ends_with_none_left() =>
        Gen.Select(Settings, Happening.Array[0, 40]).Sample((settings, happenings) =>
        {
            var at = DateTimeOffset.UnixEpoch;
            var step = ExecutionLifeCycle.Create("worker-abc1234", settings, at);
            foreach (var happening in happenings)
            {
                at += TimeSpan.FromSeconds(40);
                step = ExecutionLifeCycle.Apply(step.State, happening(step.State, at));
                Check(settings, step.State);
            }

            // Every attempt reports its end in the end: then the execution has ended, whatever happened before.
            while (!step.State.Status.IsFinished())
            {
                var replica = step.State.ActiveReplicas.First();
                step = ExecutionLifeCycle.Apply(step.State, new ReplicaExited(at, replica.Index, replica.Current.Number, 1));
                Check(settings, step.State);
            }
        });

    private static void Check(ExecutionSettings settings, ExecutionState state)
    {
        Assert.InRange(state.ActiveReplicas.Count(), 0, settings.Parallelism);
        Assert.InRange(state.Attempt, 1, settings.ReplicaRetryLimit + 1);
        Assert.Equal(state.Status.IsFinished(), state.FinishedAt is not null);
        Assert.Equal(state.Status.IsFinished(), !state.ActiveReplicas.Any());
        if (state.Status is ExecutionStatus.Succeeded)
        {
            Assert.True(state.Replicas.Count(replica => replica.Current.ExitCode == 0) >= settings.ReplicaCompletionCount);
        }
    }
}
