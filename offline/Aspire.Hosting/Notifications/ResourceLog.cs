using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The lines of one row's console, each with its time in front, bounded to the newest ones.</summary>
internal sealed class ResourceLog(TimeProvider timeProvider, Action<LogLine> written)
{
    private const int MaxLines = 10_000;

    private readonly Queue<LogLine> _lines = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly Lock _lock = new();
    private int _lineNumber;
    private bool _completed;

    public void Write(string text, bool isError) => Write(text, isError, timeProvider.GetUtcNow());

    public void Write(string text, bool isError, DateTimeOffset time)
    {
        lock (_lock)
        {
            if (_completed)
            {
                return;
            }

            var content = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture) + " " + text;
            var line = new LogLine(++_lineNumber, content, isError);
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }

            LogLine[] batch = [line];
            foreach (var subscription in _subscriptions)
            {
                subscription.OnLines(batch);
            }

            written(line);
        }
    }

    public IReadOnlyList<LogLine> Backlog()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _lines.Clear();
            _lineNumber = 0;
        }
    }

    public void Complete()
    {
        lock (_lock)
        {
            if (!_completed)
            {
                _completed = true;
                foreach (var subscription in _subscriptions)
                {
                    subscription.OnEnd();
                }

                _subscriptions.Clear();
            }
        }
    }

    public IDisposable Subscribe(Action<IReadOnlyList<LogLine>> onLines, Action onEnd)
    {
        var subscription = new Subscription(this, onLines, onEnd);
        lock (_lock)
        {
            if (_lines.Count > 0)
            {
                onLines([.. _lines]);
            }

            if (_completed)
            {
                onEnd();
            }
            else
            {
                _subscriptions.Add(subscription);
            }
        }

        return subscription;
    }

    private sealed record Subscription(ResourceLog Log, Action<IReadOnlyList<LogLine>> OnLines, Action OnEnd) : IDisposable
    {
        public void Dispose()
        {
            lock (Log._lock)
            {
                Log._subscriptions.RemoveAll(s => ReferenceEquals(s, this));
            }
        }
    }
}
