namespace KedaJobs.ServiceBus.Entities;

/// <summary>The message ids of the last while: what a queue with duplicate detection compares arrivals with.</summary>
internal sealed class DuplicateHistory
{
    private readonly Dictionary<string, RememberedId> _known = new(StringComparer.Ordinal);
    private readonly Queue<RememberedId> _order = new();

    /// <summary>The ids with the time of their first acceptance, oldest first.</summary>
    public IReadOnlyCollection<RememberedId> Entries => _order;

    /// <summary>
    /// Remembers the id; null if it was seen within the window. Ids that are older may not have been forgotten yet: they do not count.
    /// </summary>
    /// <param name="id">The message id.</param>
    /// <param name="now">The time.</param>
    /// <param name="window">For how long an id counts.</param>
    public RememberedId? TryAdd(string id, DateTime now, TimeSpan window)
    {
        if (_known.TryGetValue(id, out var known) && now - known.At < window)
        {
            return null;
        }

        return Add(new RememberedId(id, now));
    }

    /// <summary>Takes in an id as a journal describes it, in the order of the times.</summary>
    public void Restore(RememberedId entry) => Add(entry);

    /// <summary>Forgets the oldest id if it is as old as the window.</summary>
    public bool TryForget(DateTime now, TimeSpan window, out RememberedId forgotten)
    {
        if (!_order.TryPeek(out forgotten!) || now - forgotten.At < window)
        {
            return false;
        }

        _order.Dequeue();
        if (_known.GetValueOrDefault(forgotten.Id) == forgotten)
        {
            _known.Remove(forgotten.Id);
        }

        return true;
    }

    private RememberedId Add(RememberedId entry)
    {
        _known[entry.Id] = entry;
        _order.Enqueue(entry);
        return entry;
    }
}

/// <summary>A message id and when it was first accepted.</summary>
internal sealed class RememberedId(string id, DateTime at) : IJournaled
{
    public string Id { get; } = id;

    public DateTime At { get; } = at;

    public JournalPlace JournalPlace { get; set; }
}
