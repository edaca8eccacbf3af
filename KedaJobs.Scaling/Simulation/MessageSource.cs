namespace KedaJobs.Scaling.Simulation;

/// <summary>A message on its way.</summary>
/// <param name="Index">Its place in the order of arrival, from 0.</param>
/// <param name="ArrivedAt">When it arrived, in ticks.</param>
/// <param name="Size">Its size in bytes; 0: not known.</param>
/// <param name="Deliveries">Deliveries that ended without success.</param>
/// <param name="Begun">Whether anybody has begun to handle it.</param>
internal readonly record struct SimulatedMessage(long Index, long ArrivedAt, int Size, int Deliveries, bool Begun);

/// <summary>A queue's messages, in memory that only those need that came back.</summary>
internal sealed class MessageSource
{
    private readonly ArrivalCursor _arriving;
    private readonly ArrivalCursor _taking;
    private readonly PriorityQueue<SimulatedMessage, long> _returned = new();
    private long _taken;

    public MessageSource(SimulatedQueue queue, ulong seed)
    {
        Queue = queue;
        _arriving = queue.Arrivals.Open(seed);
        _taking = queue.Arrivals.Open(seed);
        NextArrival = _arriving.Next();
    }

    public SimulatedQueue Queue { get; }

    /// <summary>When the next message arrives, in ticks; <see cref="ArrivalCursor.Never"/> after the last.</summary>
    public long NextArrival { get; private set; }

    public long Arrived { get; private set; }

    /// <summary>Messages that count: waiting, resting or locked.</summary>
    public long Active { get; set; }

    public bool HasAvailable => Arrived > _taken || _returned.Count > 0;

    public void Arrive()
    {
        Arrived++;
        Active++;
        NextArrival = _arriving.Next();
    }

    public void Return(SimulatedMessage message) => _returned.Enqueue(message, message.Index);

    /// <summary>The oldest message. One that came back is older than any that was never taken.</summary>
    public SimulatedMessage Take() =>
        _returned.TryDequeue(out var message, out _) ? message : new(_taken++, _taking.Next(), _taking.Size, 0, false);
}
