namespace KedaJobs.Scaling.Simulation;

/// <summary>Messages, from a receiver's hands to their end.</summary>
internal sealed partial class SimulationRun
{
    private readonly ulong[] _workSeeds;
    private readonly ulong[] _failureSeeds;
    private readonly ulong[] _poisonSeeds;
    private readonly long[] _locks;
    private readonly int _hands;
    private readonly int _capacity;
    private readonly bool _early;
    private readonly long _idleTime;
    private readonly int _messageBudget;
    private readonly long _timeBudget;
    private readonly WaitingReplicas _waiting = new();
    private readonly Stack<int> _free = new();
    private Delivery[] _deliveries = new Delivery[64];
    private int _deliveriesUsed;
    private int _nextSource;

    // Deliveries in progress, and messages that return on their own.
    private int _held;
    private int _resting;
    private long _completed;
    private long _deadLettered;
    private long _lost;
    private long _doneInVain;

    private bool IsCurrent(in ScheduledEvent due) => _deliveries[due.Target].Version == due.Version;

    private bool IsTimeSpent(SimulatedReplica replica) => _now - replica.BeganAt >= _timeBudget;

    /// <summary>Gives what is available to the replicas that wait for it.</summary>
    private void Serve()
    {
        while (_waiting.First is { } replica && FindAvailable() >= 0)
        {
            _waiting.Remove(replica);
            Refill(replica);
        }
    }

    // The queues take turns, so that none starves another.
    private int FindAvailable()
    {
        for (var count = 0; count < _sources.Length; count++)
        {
            var index = _nextSource + count;
            index -= index >= _sources.Length ? _sources.Length : 0;
            if (_sources[index].HasAvailable)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Lets a replica that does not wait take what it can; then it waits, or ends.</summary>
    private void Refill(SimulatedReplica replica)
    {
        if (replica.Gone || replica.Stopping || EndIfSpent(replica))
        {
            return;
        }

        while (replica.Holds < _capacity && replica.Taken < _messageBudget && FindAvailable() is >= 0 and var source)
        {
            Take(replica, source);
        }

        if (replica.Holds < _capacity && replica.Taken < _messageBudget)
        {
            replica.EmptySince = _now;
            _waiting.Add(replica);
            EndIfIdle(replica);
        }
    }

    private bool EndIfSpent(SimulatedReplica replica)
    {
        var nothingToDo = replica.InWork.Count == 0
            && (IsTimeSpent(replica) || (replica.Taken >= _messageBudget && replica.Prefetched.Count == 0));
        if (nothingToDo)
        {
            Exit(replica, 0);
        }

        return nothingToDo || IsTimeSpent(replica);
    }

    private void EndIfIdle(SimulatedReplica replica)
    {
        if (!replica.Waiting || replica.Holds > 0)
        {
            return;
        }

        if (_now - replica.EmptySince >= _idleTime)
        {
            Exit(replica, 0);
        }
        else if (!replica.IdleCheckScheduled)
        {
            replica.IdleCheckScheduled = true;
            _events.Add(replica.EmptySince + _idleTime, SimulatedEvent.IdleCheck, replica.Id);
        }
    }

    private void TimeBudgetSpent(SimulatedReplica replica)
    {
        if (!replica.Stopping)
        {
            _waiting.Remove(replica);
            EndIfSpent(replica);
        }
    }

    private void Take(SimulatedReplica replica, int source)
    {
        _nextSource = source + 1 == _sources.Length ? 0 : source + 1;
        var index = Allocate();
        ref var delivery = ref _deliveries[index];
        delivery.Message = _sources[source].Take();
        delivery.Queue = source;
        delivery.Holder = replica;
        delivery.TakenAt = _now;
        delivery.LockedUntil = _early ? long.MaxValue : _now + _locks[source];
        replica.Taken++;
        replica.Execution.GotMessage = true;
        if (_early)
        {
            LeaveQueue(source);
        }

        if (replica.InWork.Count < _hands)
        {
            Begin(replica, index);
        }
        else
        {
            replica.Prefetched.Enqueue(index);
            if (!_early)
            {
                _events.Add(delivery.LockedUntil, SimulatedEvent.LockLapses, index, delivery.Version);
            }
        }
    }

    private void Begin(SimulatedReplica replica, int index)
    {
        ref var delivery = ref _deliveries[index];
        // Of a message that is back in the queue, the wait ends with its next delivery.
        if (!delivery.Message.Begun && !delivery.LockLost)
        {
            delivery.Message = delivery.Message with { Begun = true };
            var waited = _now - delivery.Message.ArrivedAt;
            _wait.Add(waited);
            _series.Begin(_now, waited);
        }

        delivery.InWork = true;
        delivery.PositionInWork = replica.InWork.Count;
        replica.InWork.Add(index);
        var done = _now + WorkOf(delivery);
        _events.Add(done, SimulatedEvent.WorkDone, index, delivery.Version);
        if (!_input.Worker.RenewsLocks && !_early && !delivery.LockLost && delivery.LockedUntil < done)
        {
            _events.Add(delivery.LockedUntil, SimulatedEvent.LockLapses, index, delivery.Version);
        }
    }

    private long WorkOf(in Delivery delivery)
    {
        var work = _input.Work.TicksAt(SeededNumbers.At(_workSeeds[delivery.Queue], delivery.Message.Index));
        return delivery.Message.Size == 0
            ? work
            : work + (long)(delivery.Message.Size / 1024d * _input.SecondsPerKiB * TimeSpan.TicksPerSecond);
    }

    private bool Fails(in Delivery delivery)
    {
        var (failures, message) = (_input.Failures, delivery.Message);
        return (failures.PoisonRate > 0 && SeededNumbers.At(_poisonSeeds[delivery.Queue], message.Index) < failures.PoisonRate)
            || (failures.Rate > 0
                && SeededNumbers.At(
                    SeededNumbers.Derive(_failureSeeds[delivery.Queue], (ulong)message.Deliveries), message.Index) < failures.Rate);
    }

    private void WorkDone(int index)
    {
        var replica = _deliveries[index].Holder!;
        TakeFromHands(replica, index);
        Settle(index, Fails(_deliveries[index]));
        if (replica.Stopping)
        {
            if (replica.InWork.Count == 0)
            {
                Exit(replica, 0);
            }

            return;
        }

        while (replica.InWork.Count < _hands && !IsTimeSpent(replica) && replica.Prefetched.TryDequeue(out var next))
        {
            BeginPrefetched(replica, next);
        }

        if (replica.Waiting)
        {
            EndIfIdle(replica);
        }
        else
        {
            Refill(replica);
        }
    }

    private void BeginPrefetched(SimulatedReplica replica, int index)
    {
        if (_deliveries[index].LockLost && _input.Worker.RenewsLocks)
        {
            Free(index);
            return;
        }

        Begin(replica, index);
    }

    private void Settle(int index, bool failed)
    {
        ref var delivery = ref _deliveries[index];
        if (delivery.LockLost)
        {
            _doneInVain += failed ? 0 : 1;
            Free(index);
        }
        else if (failed)
        {
            Fail(index);
        }
        else
        {
            _completed++;
            _lastEnd = _now;
            _total.Add(_now - delivery.Message.ArrivedAt);
            if (!_early)
            {
                LeaveQueue(delivery.Queue);
            }

            Free(index);
        }
    }

    private void Fail(int index)
    {
        ref var delivery = ref _deliveries[index];
        var delay = _input.Failures.RetryDelay.Ticks * Math.Pow(_input.Failures.RetryFactor, delivery.Message.Deliveries);
        if (_early || delay < 1 || delivery.Message.Deliveries + 1 >= _sources[delivery.Queue].Queue.MaxDeliveryCount)
        {
            GiveBack(index);
            return;
        }

        // The message rests: nobody holds it, and it still counts.
        delivery.Holder = null;
        delivery.Version++;
        _resting++;
        _held--;
        _events.Add(_now + (long)Math.Min(delay, TimeSpan.TicksPerDay * 30d), SimulatedEvent.RetryDue, index, delivery.Version);
    }

    private void RetryDue(int index)
    {
        _resting--;
        _held++;
        GiveBack(index);
    }

    /// <summary>Ends a delivery without success. A message that has left the queue already is lost.</summary>
    private void GiveBack(int index)
    {
        var delivery = _deliveries[index];
        Free(index);
        if (_early)
        {
            _lost++;
            _lastEnd = _now;
        }
        else if (!delivery.LockLost)
        {
            Return(delivery.Queue, delivery.Message);
        }
    }

    private void GiveBackPrefetched(SimulatedReplica replica)
    {
        while (replica.Prefetched.TryDequeue(out var index))
        {
            GiveBack(index);
        }
    }

    /// <summary>The holder is gone without a word. A renewed lock lasts from its last renewal, which comes at every half of it.</summary>
    private void LeaveLocked(int index)
    {
        ref var delivery = ref _deliveries[index];
        if (_early || delivery.LockLost)
        {
            GiveBack(index);
            return;
        }

        var duration = _locks[delivery.Queue];
        if (_input.Worker.RenewsLocks && delivery.InWork)
        {
            var half = Math.Max(1, duration / 2);
            delivery.LockedUntil = delivery.TakenAt + ((_now - delivery.TakenAt) / half * half) + duration;
        }

        delivery.Holder = null;
        delivery.Version++;
        _resting++;
        _held--;
        _events.Add(Math.Max(_now, delivery.LockedUntil), SimulatedEvent.LockLapses, index, delivery.Version);
    }

    private void LockLapses(int index)
    {
        ref var delivery = ref _deliveries[index];
        if (delivery.Holder is null)
        {
            _resting--;
            _held++;
            GiveBack(index);
        }
        else if (!delivery.LockLost && !(delivery.InWork && _input.Worker.RenewsLocks))
        {
            delivery.LockLost = true;
            Return(delivery.Queue, delivery.Message);
        }
    }

    /// <summary>A delivery has failed: the message is back at its place, or with the dead letters.</summary>
    private void Return(int source, SimulatedMessage message)
    {
        message = message with { Deliveries = message.Deliveries + 1 };
        if (message.Deliveries >= _sources[source].Queue.MaxDeliveryCount)
        {
            _deadLettered++;
            _lastEnd = _now;
            LeaveQueue(source);
            return;
        }

        _sources[source].Return(message);
        Serve();
    }

    private void LeaveQueue(int source)
    {
        _sources[source].Active--;
        _series.ChangeQueue(_now, -1);
    }

    private int TakeFromHands(SimulatedReplica replica, int index)
    {
        var position = _deliveries[index].PositionInWork;
        var last = replica.InWork[^1];
        replica.InWork[position] = last;
        _deliveries[last].PositionInWork = position;
        replica.InWork.RemoveAt(replica.InWork.Count - 1);
        return index;
    }

    private int Allocate()
    {
        _held++;
        if (_free.TryPop(out var index))
        {
            return index;
        }

        if (_deliveriesUsed == _deliveries.Length)
        {
            Array.Resize(ref _deliveries, 2 * _deliveriesUsed);
        }

        return _deliveriesUsed++;
    }

    private void Free(int index)
    {
        _held--;
        _deliveries[index] = new() { Version = _deliveries[index].Version + 1 };
        _free.Push(index);
    }
}
