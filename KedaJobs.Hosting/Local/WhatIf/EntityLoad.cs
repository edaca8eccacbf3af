namespace KedaJobs.Hosting.Local.WhatIf;

/// <summary>A message that arrived.</summary>
/// <param name="At">When it was enqueued.</param>
/// <param name="Size">Its size in bytes.</param>
internal readonly record struct Arrival(DateTimeOffset At, int Size);

/// <summary>A message that a receiver had locked.</summary>
/// <param name="From">When it was locked.</param>
/// <param name="To">When it was completed.</param>
internal readonly record struct Handled(DateTimeOffset From, DateTimeOffset To);

/// <summary>What happened in one queue or subscription in the last hour, in bounded memory. May be used by several threads.</summary>
internal sealed class EntityLoad
{
    /// <summary>How long a load is remembered.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Arrivals beyond this many push out the oldest: 2.4 MB.</summary>
    public const int MostArrivals = 100_000;

    private const int MostHandled = 10_000;

    /// <summary>Locked messages beyond this many have no handling time.</summary>
    private const int MostLocked = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<Arrival> _arrivals = [];
    private readonly Queue<Handled> _handled = [];
    private readonly Dictionary<long, DateTimeOffset> _locked = [];
    private DateTimeOffset _cutAt = DateTimeOffset.MinValue;

    public void Enqueued(DateTimeOffset time, long size)
    {
        lock (_gate)
        {
            if (_arrivals.Count == MostArrivals)
            {
                _cutAt = _arrivals.Dequeue().At;
            }

            _arrivals.Enqueue(new(time, (int)Math.Min(int.MaxValue, size)));
        }
    }

    public void Locked(long sequenceNumber, DateTimeOffset time)
    {
        lock (_gate)
        {
            if (_locked.Count >= MostLocked)
            {
                // Nothing reports when a message is returned: messages that were locked long ago are no longer being handled.
                foreach (var (number, since) in _locked)
                {
                    if (since < time - Window)
                    {
                        _locked.Remove(number);
                    }
                }
            }

            if (_locked.Count < MostLocked || _locked.ContainsKey(sequenceNumber))
            {
                _locked[sequenceNumber] = time;
            }
        }
    }

    public void Completed(long sequenceNumber, DateTimeOffset time)
    {
        lock (_gate)
        {
            if (!_locked.Remove(sequenceNumber, out var since))
            {
                return;
            }

            if (_handled.Count == MostHandled)
            {
                _handled.Dequeue();
            }

            _handled.Enqueue(new(since, time));
        }
    }

    /// <summary>The last hour, and whether more arrived in it than are remembered.</summary>
    public (IReadOnlyList<Arrival> Arrivals, IReadOnlyList<Handled> Handled, bool IsCut) Since(DateTimeOffset now)
    {
        var begin = now - Window;
        lock (_gate)
        {
            while (_arrivals.TryPeek(out var oldest) && oldest.At < begin)
            {
                _arrivals.Dequeue();
            }

            while (_handled.TryPeek(out var oldest) && oldest.To < begin)
            {
                _handled.Dequeue();
            }

            return ([.. _arrivals], [.. _handled], _cutAt >= begin);
        }
    }
}
