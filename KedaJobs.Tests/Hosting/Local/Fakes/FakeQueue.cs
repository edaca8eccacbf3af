using KedaJobs.Hosting.Local.Polling;

namespace KedaJobs.Tests.Hosting.Local.Fakes;

/// <summary>A queue that holds what the test says.</summary>
internal sealed class FakeQueue : IQueueReader
{
    public QueueCounts Counts { get; set; } = new(0, 0);

    public IReadOnlyList<long> Oldest { get; set; } = [];

    /// <summary>What reading and looking fail with, or null.</summary>
    public string? Failure { get; set; }

    public int Reads { get; private set; }

    public int Looks { get; private set; }

    public Task<QueueCounts> ReadAsync(CancellationToken cancellationToken)
    {
        Reads++;
        return Failure is null ? Task.FromResult(Counts) : Task.FromException<QueueCounts>(new IOException(Failure));
    }

    public Task<IReadOnlyList<long>> PeekOldestAsync(int count, CancellationToken cancellationToken)
    {
        Looks++;
        return Failure is null ? Task.FromResult(Oldest) : Task.FromException<IReadOnlyList<long>>(new IOException(Failure));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
