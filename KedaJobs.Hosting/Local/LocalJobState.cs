using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local;

/// <summary>The only place where a local job changes: snapshots follow each other one at a time.</summary>
internal sealed class LocalJobState
{
    /// <summary>
    /// How many changes a watcher can fall behind. A watcher that stops reading costs no more memory than this; it
    /// misses the oldest changes, never the last.
    /// </summary>
    public const int WatcherCapacity = 1_024;

    private readonly Lock _gate = new();
    private readonly List<ChannelWriter<JobSnapshot>> _watchers = [];
    private readonly Queue<string> _freeSlots;
    private JobSnapshot _current = new();
    private bool _isCompleted;

    /// <param name="slots">The names of the resources that can show executions, in the order in which they are first used.</param>
    public LocalJobState(IEnumerable<string> slots) => _freeSlots = new(slots);

    public JobSnapshot Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    public void Change(Func<JobSnapshot, JobSnapshot> change)
    {
        lock (_gate)
        {
            Publish(change(_current));
        }
    }

    /// <summary>
    /// Adds an execution, unless as many run as are allowed. It is shown by the slot that has been free for longest, or by none. Counting
    /// and adding are one step: polls and commands can never exceed the limit together.
    /// </summary>
    public JobExecution? TryAdd(ExecutionState state, int maxExecutions)
    {
        lock (_gate)
        {
            if (_current.Counts.Running >= maxExecutions)
            {
                return null;
            }

            var execution = new JobExecution { ResourceName = _freeSlots.TryDequeue(out var slot) ? slot : null, State = state };
            Publish(_current with { Executions = _current.Executions.Add(execution) });
            return execution;
        }
    }

    /// <summary>Replaces the execution of the same name. An execution that has ended returns its slot.</summary>
    public void Replace(JobExecution execution)
    {
        lock (_gate)
        {
            var executions = _current.Executions;
            var index = IndexOf(executions, execution.Name);
            if (executions[index].IsFinished)
            {
                return;
            }

            executions = executions.SetItem(index, execution);
            if (execution.IsFinished)
            {
                if (execution.ResourceName is { } slot)
                {
                    _freeSlots.Enqueue(slot);
                }

                executions = Trim(executions);
            }

            Publish(_current with
            {
                Executions = executions,
                FinishedExecutions = _current.FinishedExecutions + (execution.IsFinished ? 1 : 0),
            });
        }
    }

    public async IAsyncEnumerable<JobSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<JobSnapshot>(
            new BoundedChannelOptions(WatcherCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
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

    /// <summary>Ends all watches after the changes that they have not seen yet.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isCompleted = true;
            _watchers.ForEach(watcher => watcher.TryComplete());
            _watchers.Clear();
        }
    }

    private void Publish(JobSnapshot snapshot)
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
