namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Holds back what may be said to clients until all changes so far are where they must be. This one, for a broker in memory, never does.
/// </summary>
internal class CommitGate
{
    /// <summary>Whether changes are safe at once.</summary>
    public virtual bool IsImmediate => true;

    /// <summary>Does something as soon as every change that was noted before this call is safe; in the order of the calls.</summary>
    public virtual void Run<T>(Action<T> action, T state)
        where T : class => action(state);

    /// <summary>Waits until every change that was noted before this call is safe.</summary>
    public Task WaitAsync()
    {
        if (IsImmediate)
        {
            return Task.CompletedTask;
        }

        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(static waiting => waiting.SetResult(), committed);
        return committed.Task;
    }
}
