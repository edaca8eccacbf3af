namespace KedaJobs.Scaling.Simulation;

/// <summary>A replica's attempt with what it holds.</summary>
internal sealed class SimulatedReplica(int id, SimulatedExecution execution, int index, int attempt)
{
    public int Id { get; } = id;

    public SimulatedExecution Execution { get; } = execution;

    public int Index { get; } = index;

    public int Attempt { get; } = attempt;

    /// <summary>Its container runs.</summary>
    public bool Started { get; set; }

    /// <summary>It receives, or has received.</summary>
    public bool Ready { get; set; }

    public bool Stopping { get; set; }

    /// <summary>It has ended, or never ran.</summary>
    public bool Gone { get; set; }

    public long BeganAt { get; set; }

    public int Taken { get; set; }

    /// <summary>Deliveries that are being handled.</summary>
    public List<int> InWork { get; } = [];

    /// <summary>Deliveries that were fetched ahead.</summary>
    public Queue<int> Prefetched { get; } = new();

    /// <summary>Since when it asks and gets nothing.</summary>
    public long EmptySince { get; set; }

    public bool IdleCheckScheduled { get; set; }

    public bool Waiting { get; set; }

    public SimulatedReplica? NextWaiting { get; set; }

    public SimulatedReplica? PreviousWaiting { get; set; }

    public int Holds => InWork.Count + Prefetched.Count;
}

/// <summary>An execution with its replicas.</summary>
internal sealed class SimulatedExecution(int id)
{
    public int Id { get; } = id;

    public required Executions.ExecutionState State { get; set; }

    /// <summary>The replicas' current attempts, by index.</summary>
    public List<SimulatedReplica> Replicas { get; } = [];

    public bool GotMessage { get; set; }

    /// <summary>Its place among the unfinished ones.</summary>
    public int Position { get; set; }
}

/// <summary>A message in somebody's hands, or whose lock still runs.</summary>
internal struct Delivery
{
    public SimulatedMessage Message;
    public int Queue;

    /// <summary>Grows when the place is used again: events of an earlier delivery are void.</summary>
    public int Version;

    /// <summary>Who holds it; null once its holder is gone.</summary>
    public SimulatedReplica? Holder;
    public bool InWork;
    public int PositionInWork;
    public long TakenAt;
    public long LockedUntil;

    /// <summary>The lock has lapsed and the message is back in the queue, while the holder still works on it.</summary>
    public bool LockLost;
}

/// <summary>Replicas that wait for a message, the one that has waited longest first.</summary>
internal sealed class WaitingReplicas
{
    private SimulatedReplica? _last;

    public SimulatedReplica? First { get; private set; }

    public void Add(SimulatedReplica replica)
    {
        replica.Waiting = true;
        replica.PreviousWaiting = _last;
        replica.NextWaiting = null;
        if (_last is null)
        {
            First = replica;
        }
        else
        {
            _last.NextWaiting = replica;
        }

        _last = replica;
    }

    public void Remove(SimulatedReplica replica)
    {
        if (!replica.Waiting)
        {
            return;
        }

        replica.Waiting = false;
        if (replica.PreviousWaiting is { } previous)
        {
            previous.NextWaiting = replica.NextWaiting;
        }
        else
        {
            First = replica.NextWaiting;
        }

        if (replica.NextWaiting is { } next)
        {
            next.PreviousWaiting = replica.PreviousWaiting;
        }
        else
        {
            _last = replica.PreviousWaiting;
        }
    }
}
