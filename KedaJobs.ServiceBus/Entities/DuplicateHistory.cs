namespace KedaJobs.ServiceBus.Entities;

/// <summary>The message ids of the last while: what a queue with duplicate detection compares arrivals with.</summary>
internal sealed class DuplicateHistory
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<RememberedId> _order = new();

    /// <summary>The ids with the time of their first acceptance, oldest first.</summary>
    public IReadOnlyCollection<RememberedId> Entries => _order;

    /// <summary>Remembers the id; null if it is known already.</summary>
    public RememberedId? TryAdd(string id, DateTime now)
    {
        if (!_known.Add(id))
        {
            return null;
        }

        var entry = new RememberedId(id, now);
        _order.Enqueue(entry);
        return entry;
    }

    /// <summary>Takes in an id as a journal describes it, in the order of the times.</summary>
    public void Restore(RememberedId entry)
    {
        if (_known.Add(entry.Id))
        {
            _order.Enqueue(entry);
        }
    }

    /// <summary>Forgets the oldest id if it is as old as the window.</summary>
    public bool TryForget(DateTime now, TimeSpan window, out RememberedId forgotten)
    {
        if (!_order.TryPeek(out forgotten!) || now - forgotten.At < window)
        {
            return false;
        }

        _order.Dequeue();
        _known.Remove(forgotten.Id);
        return true;
    }
}

/// <summary>A message id and when it was first accepted.</summary>
internal sealed class RememberedId(string id, DateTime at) : IJournaled
{
    public string Id { get; } = id;

    public DateTime At { get; } = at;

    public JournalPlace JournalPlace { get; set; }
}
