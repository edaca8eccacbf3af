using System.Globalization;
using KedaJobs.Scaling.Executions;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Scaling.Simulation;

/// <summary>One simulation under way: time, polls and the end. The other parts are executions and messages.</summary>
internal sealed partial class SimulationRun
{
    private readonly SimulationInput _input;
    private readonly MessageSource[] _sources;
    private readonly EventHeap _events = new();
    private readonly SimulationSeries _series = new();
    private readonly DurationSketch _wait = new();
    private readonly DurationSketch _total = new();
    private readonly long _arrivalsEnd;
    private readonly long _pollingInterval;
    private readonly long _longestTail;
    private long _now;
    private long _firstArrival = -1;
    private long _lastEnd;
    private long _polls;
    private bool _over;
    private string? _ending;

    public SimulationRun(SimulationInput input)
    {
        _input = input;
        _sources = [.. input.Queues.Select((queue, index) => new MessageSource(queue, Use(0, index)))];
        _arrivalsEnd = input.Queues.Max(queue => queue.Arrivals.Duration.Ticks);
        _pollingInterval = input.Scale.PollingIntervalSeconds * TimeSpan.TicksPerSecond;
        _workSeeds = [.. input.Queues.Select((_, index) => Use(1, index))];
        _failureSeeds = [.. input.Queues.Select((_, index) => Use(2, index))];
        _poisonSeeds = [.. input.Queues.Select((_, index) => Use(3, index))];
        (_pullSeed, _startSeed) = (Use(4, 0), Use(5, 0));
        _settings = input.ExecutionSettings;
        _hands = input.Worker.Concurrency;
        _capacity = (int)Math.Min(int.MaxValue, (long)_hands + input.Worker.Prefetch);
        _early = input.Worker.Completion is Completion.Early;
        _idleTime = Bounded(input.Worker.IdleTime);
        _messageBudget = input.Worker.MessageBudget ?? int.MaxValue;
        _timeBudget = Bounded(input.Worker.TimeBudget ?? (_settings.ReplicaTimeout * 0.8));
        _locks = [.. input.Queues.Select(queue => Bounded(queue.LockDuration))];
        _longestTail = Bounded(input.LongestTail);
    }

    public SimulationResult Run(CancellationToken cancellationToken)
    {
        var firstPoll = _input.FirstPoll?.Ticks ?? (long)(SeededNumbers.At(Use(6, 0), 0) * _pollingInterval);
        _events.Add(firstPoll, SimulatedEvent.Poll);
        for (var steps = 1; !_over; steps++)
        {
            if ((steps & 0xFFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            // At the same time arrivals come first: the next poll sees them.
            var source = NextToArrive();
            if (source.NextArrival <= _events.FirstAt)
            {
                Arrive(source);
            }
            else
            {
                var due = _events.Take();
                _now = due.At;
                Handle(due);
            }
        }

        return Result();
    }

    private MessageSource NextToArrive()
    {
        var first = _sources[0];
        for (var index = 1; index < _sources.Length; index++)
        {
            first = _sources[index].NextArrival < first.NextArrival ? _sources[index] : first;
        }

        return first;
    }

    private void Arrive(MessageSource source)
    {
        _now = source.NextArrival;
        _firstArrival = _firstArrival < 0 ? _now : _firstArrival;
        _series.ChangeQueue(_now, 1);
        source.Arrive();
        Serve();
    }

    private void Handle(in ScheduledEvent due)
    {
        switch (due.Kind)
        {
            case SimulatedEvent.Poll:
                Poll();
                break;
            case SimulatedEvent.WorkDone when IsCurrent(due):
                WorkDone(due.Target);
                break;
            case SimulatedEvent.LockLapses when IsCurrent(due):
                LockLapses(due.Target);
                break;
            case SimulatedEvent.RetryDue when IsCurrent(due):
                RetryDue(due.Target);
                break;
            case SimulatedEvent.ReplicaStarts when FindReplica(due) is { } replica:
                ReplicaStarts(replica);
                break;
            case SimulatedEvent.ReplicaReady when FindReplica(due) is { } replica:
                ReplicaReady(replica);
                break;
            case SimulatedEvent.IdleCheck when FindReplica(due) is { } replica:
                replica.IdleCheckScheduled = false;
                EndIfIdle(replica);
                break;
            case SimulatedEvent.TimeBudgetSpent when FindReplica(due) is { } replica:
                TimeBudgetSpent(replica);
                break;
            case SimulatedEvent.GraceOver when FindReplica(due) is { } replica:
                GraceOver(replica);
                break;
            case SimulatedEvent.Deadline when FindExecution(due) is { } execution:
                Apply(execution, new DeadlineReached(At(_now)));
                break;
        }
    }

    private void Poll()
    {
        _polls++;
        var counts = ExecutionCounts.Of(_unfinished.Select(execution => execution.State));
        var decision = ScaleRule.Decide(new()
        {
            Min = _input.Scale.MinExecutions,
            Max = _input.Scale.MaxExecutions,
            Running = counts.Running,
            Pending = counts.Pending,
            Strategy = _input.Strategy,
            Calculation = _input.Calculation,
            Deduction = _input.Deduction,
            Percentage = _input.Percentage,
            Triggers = ReadTriggers(),
        });
        if (EndsAtPoll(decision))
        {
            _over = true;
            return;
        }

        for (var count = decision.Start; count > 0; count--)
        {
            StartExecution();
        }

        _events.Add(_now + _pollingInterval, SimulatedEvent.Poll);
    }

    private List<TriggerReading> ReadTriggers()
    {
        var readings = new List<TriggerReading>(_sources.Length + _input.CronRules.Count);
        readings.AddRange(
            _sources.Select(source => new TriggerReading(source.Active, source.Queue.MessageCount, source.Queue.ActivationMessageCount)));
        // From behind, so that the places before it still count queues alone.
        for (var index = _input.CronRules.Count - 1; index >= 0; index--)
        {
            var rule = _input.CronRules[index];
            readings.Insert(rule.Place, rule.Trigger.Read(_input.Start!.Value + TimeSpan.FromTicks(_now)));
        }

        return readings;
    }

    private bool EndsAtPoll(ScaleDecision decision)
    {
        if (!ArrivalsAreOver)
        {
            return false;
        }

        // What a minimum or a cron rule keeps running has no end of its own: the arrivals' end is the end of what is looked at.
        var left = Left;
        if (left == 0 && _held == 0
            && (_unfinished.Count == 0
                || _input.Scale.MinExecutions > 0
                || decision.Poll.Triggers.Any(trigger => !trigger.CountsMessages && trigger.IsActive)))
        {
            return true;
        }

        if (_now > _arrivalsEnd + _longestTail)
        {
            _ending = string.Create(CultureInfo.InvariantCulture,
                $"the simulation ended {_input.LongestTail.TotalHours:0.#} h after the last arrival with {Messages(left)} in the queue");
            return true;
        }

        // Nothing runs, nothing comes back and nothing starts: no later poll can see anything else,
        // unless a cron rule begins to want executions.
        if (decision.Start == 0 && _unfinished.Count == 0 && _resting == 0 && _input.CronRules.Count == 0)
        {
            _ending = $"{Messages(left)} will never be handled: {decision.Reason}";
            return true;
        }

        return false;
    }

    private static string Messages(long count) => count == 1 ? "1 message" : $"{count} messages";

    private long Left => _series.Queue + (_early ? _held : 0);

    private bool ArrivalsAreOver => _now >= _arrivalsEnd && Array.TrueForAll(_sources, source => source.NextArrival == ArrivalCursor.Never);

    /// <summary>Ends the simulation with the last execution, not with the poll after it.</summary>
    private void EndIfNothingIsLeft() => _over |= ArrivalsAreOver && _series.Queue == 0 && _unfinished.Count == 0;

    private SimulationResult Result()
    {
        CountReplicaTime();
        return new()
        {
            Arrived = _sources.Sum(source => source.Arrived),
            Completed = _completed,
            DeadLettered = _deadLettered,
            Lost = _lost,
            Left = Left,
            DoneInVain = _doneInVain,
            Wait = _wait,
            Total = _total,
            Executions = _executions,
            ExecutionsWithoutWork = _withoutWork,
            TimedOut = _timedOut,
            Failed = _failed,
            MostExecutions = _mostExecutions,
            Polls = _polls,
            TimeByReplicas = [.. _timeByReplicas.Select(TimeSpan.FromTicks)],
            Makespan = TimeSpan.FromTicks(_firstArrival < 0 ? 0 : Math.Max(0, _lastEnd - _firstArrival)),
            Simulated = TimeSpan.FromTicks(_now),
            Ending = _ending,
            Series = _series.Points(_now),
            Resources = _input.Resources,
        };
    }

    private ulong Use(int purpose, int index) => SeededNumbers.Derive(_input.Seed, ((ulong)purpose << 32) | (uint)index);

    // A century is as good as forever, and still leaves room to add times.
    private static long Bounded(TimeSpan time) => Math.Min(time.Ticks, 36_525 * TimeSpan.TicksPerDay);

    private static DateTimeOffset At(long ticks) => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(ticks);
}
