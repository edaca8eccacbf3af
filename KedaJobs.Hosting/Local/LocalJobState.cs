using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local;

/// <summary>The one place where a local job changes: snapshots follow each other one at a time, and everybody who watches sees each of them.</summary>
internal sealed class LocalJobState
{
    private readonly Lock _gate = new();
    private readonly List<ChannelWriter<EventJobSnapshot>> _watchers = [];
    private readonly Queue<string> _freeRows;
    private EventJobSnapshot _current = new();
    private bool _isCompleted;

    /// <param name="rows">The rows that executions can take, in the order in which they are first used.</param>
    public LocalJobState(IEnumerable<string> rows) => _freeRows = new(rows);

    public EventJobSnapshot Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    public void Change(Func<EventJobSnapshot, EventJobSnapshot> change)
    {
        lock (_gate)
        {
            Publish(change(_current));
        }
    }

    /// <summary>
    /// Adds an execution on the row that has been free for longest, unless as many run as are allowed or no row is free. Counting and adding are
    /// one step: polls and commands can never exceed the limit together.
    /// </summary>
    public JobExecution? TryAdd(ExecutionState state, int maxExecutions)
    {
        lock (_gate)
        {
            if (_current.Counts.Running >= maxExecutions || !_freeRows.TryDequeue(out var row))
            {
                return null;
            }

            var execution = new JobExecution { Row = row, State = state };
            Publish(_current with { Executions = _current.Executions.Add(execution) });
            return execution;
        }
    }

    /// <summary>Puts the execution in the place of the one with its name. One that has ended gives its row back.</summary>
    public void Replace(JobExecution execution)
    {
        lock (_gate)
        {
            var executions = _current.Executions;
            var index = IndexOf(executions, execution.Name);
            var hasEnded = execution.IsFinished && !executions[index].IsFinished;
            executions = executions.SetItem(index, execution);
            if (hasEnded)
            {
                _freeRows.Enqueue(execution.Row);
                executions = Trim(executions);
            }

            Publish(_current with
            {
                Executions = executions,
                FinishedExecutions = _current.FinishedExecutions + (hasEnded ? 1 : 0),
            });
        }
    }

    public async IAsyncEnumerable<EventJobSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<EventJobSnapshot>(new() { SingleReader = true });
        lock (_gate)
        {
            channel.Writer.TryWrite(_current);
            if (_isCompleted)
            {
                channel.Writer.Complete();
            }
            else
            {
                _watchers.Add(channel.Writer);
            }
        }

        try
        {
            await foreach (var snapshot in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return snapshot;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel.Writer);
            }
        }
    }

    /// <summary>Ends all watches after what they have yet to see.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isCompleted = true;
            _watchers.ForEach(watcher => watcher.TryComplete());
            _watchers.Clear();
        }
    }

    private void Publish(EventJobSnapshot snapshot)
    {
        _current = snapshot;
        foreach (var watcher in _watchers)
        {
            watcher.TryWrite(snapshot);
        }
    }

    private static int IndexOf(ImmutableArray<JobExecution> executions, string name)
    {
        for (var index = executions.Length - 1; index >= 0; index--)
        {
            if (executions[index].Name == name)
            {
                return index;
            }
        }

        throw new InvalidOperationException($"There is no execution '{name}'.");
    }

    private static ImmutableArray<JobExecution> Trim(ImmutableArray<JobExecution> executions)
    {
        var excess = executions.Count(execution => execution.IsFinished) - ExecutionHistory.DefaultLimit;
        return excess <= 0 ? executions : executions.RemoveRange(executions.Where(execution => execution.IsFinished).Take(excess));
    }
}
