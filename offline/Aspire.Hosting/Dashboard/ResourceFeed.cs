using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>The current rows, and their changes for any number of watchers.</summary>
internal sealed class ResourceFeed(ResourceNotificationService notifications, TimeProvider time, ILogger<ResourceFeed> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceRow> _rows = new(StringComparer.Ordinal);
    private readonly HashSet<Subscription> _subscriptions = [];
    private readonly HashSet<string> _problems = new(StringComparer.Ordinal);
    private readonly DateTime _started = time.GetUtcNow().UtcDateTime;

    /// <summary>Takes in notifications until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var update in notifications.WatchAsync(cancellationToken))
        {
            ResourceRow? row;
            try
            {
                row = ResourceRows.From(update.Resource, update.ResourceId, update.Snapshot, _started, Say);
            }
            catch (Exception e)
            {
                logger.LogError(e, "Resource '{Resource}' has a state that the dashboard cannot show.", update.ResourceId);
                continue;
            }

            if (row is null)
            {
                continue;
            }

            lock (_lock)
            {
                _rows[row.Name] = row;
                foreach (var subscription in _subscriptions)
                {
                    subscription.Add(row);
                }
            }
        }
    }

    /// <summary>All rows as of now; the subscription gives every later change. Dispose it to end it.</summary>
    public Subscription Subscribe(out IReadOnlyList<ResourceRow> rows)
    {
        var subscription = new Subscription(this);
        lock (_lock)
        {
            rows = [.. _rows.Values];
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public ResourceRow? Find(string name)
    {
        lock (_lock)
        {
            return _rows.GetValueOrDefault(name);
        }
    }

    // A snapshot comes again and again; its fault is said once.
    private void Say(string problem)
    {
        if (_problems.Add(problem))
        {
            logger.LogWarning("{Problem}", problem);
        }
    }

    /// <summary>Changes that one watcher has not taken yet: the latest of each row only, so a slow watcher costs no more than the rows themselves.</summary>
    internal sealed class Subscription(ResourceFeed feed) : IDisposable
    {
        private readonly Dictionary<string, ResourceRow> _pending = new(StringComparer.Ordinal);
        private readonly SemaphoreSlim _signal = new(0, 1);

        public void Add(ResourceRow row)
        {
            lock (_pending)
            {
                _pending[row.Name] = row;
                if (_signal.CurrentCount == 0)
                {
                    _signal.Release();
                }
            }
        }

        /// <summary>The next changes, at least one; waits for them.</summary>
        public async Task<IReadOnlyList<ResourceRow>> TakeAsync(CancellationToken cancellationToken)
        {
            await _signal.WaitAsync(cancellationToken);
            lock (_pending)
            {
                ResourceRow[] rows = [.. _pending.Values];
                _pending.Clear();
                return rows;
            }
        }

        public void Dispose()
        {
            lock (feed._lock)
            {
                feed._subscriptions.Remove(this);
            }
        }
    }
}
