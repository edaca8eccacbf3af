namespace KedaJobs.ServiceBus.Entities;

/// <summary>The message ids of the last while: what a queue with duplicate detection compares arrivals with.</summary>
internal sealed class DuplicateHistory
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<(DateTime At, string Id)> _order = new();

    /// <summary>The ids with the time of their first acceptance, oldest first.</summary>
    public IReadOnlyCollection<(DateTime At, string Id)> Entries => _order;

    /// <summary>Remembers the id; false if it was known within the window.</summary>
    public bool TryAdd(string id, DateTime now, TimeSpan window)
    {
        Forget(now, window);
        if (!_known.Add(id))
        {
            return false;
        }

        _order.Enqueue((now, id));
        return true;
    }

    private void Forget(DateTime now, TimeSpan window)
    {
        while (_order.TryPeek(out var oldest) && now - oldest.At >= window)
        {
            _order.Dequeue();
            _known.Remove(oldest.Id);
        }
    }
}
