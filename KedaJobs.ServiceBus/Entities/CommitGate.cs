namespace KedaJobs.ServiceBus.Entities;

/// <summary>Something that may be said to a client only when what it is about is where it must be.</summary>
internal interface ICommitWaiter
{
    /// <summary>It is. Called on the thread that commits, so it must not wait for anything.</summary>
    void OnCommitted();

    /// <summary>It never will be: the broker cannot keep anything any more, and is about to stop.</summary>
    void OnCommitFailed();
}

/// <summary>
/// Holds back what may be said to clients until all changes so far are where they must be. This one, for a broker in memory, never does.
/// </summary>
internal class CommitGate
{
    /// <summary>Whether changes are safe at once.</summary>
    public virtual bool IsImmediate => true;

    /// <summary>Tells the waiter as soon as every change that was noted before this call is safe; in the order of the calls.</summary>
    public virtual void Run(ICommitWaiter waiter) => waiter.OnCommitted();

    /// <summary>Waits until every change that was noted before this call is safe.</summary>
    /// <exception cref="CommitFailedException">They never will be.</exception>
    public Task WaitAsync()
    {
        if (IsImmediate)
        {
            return Task.CompletedTask;
        }

        var waiter = new TaskWaiter();
        Run(waiter);
        return waiter.Task;
    }

    private sealed class TaskWaiter : TaskCompletionSource, ICommitWaiter
    {
        public TaskWaiter()
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
        }

        public void OnCommitted() => SetResult();

        public void OnCommitFailed() => SetException(new CommitFailedException());
    }
}

/// <summary>A change cannot be made safe: the broker's data directory failed.</summary>
internal sealed class CommitFailedException() : Exception(Text)
{
    public const string Text =
        "The broker can no longer write to its data directory and is stopping; its log says why. Whether this was kept is not known.";
}
