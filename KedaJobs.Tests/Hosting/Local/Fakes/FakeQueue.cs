using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Tests.Hosting.Local.Fakes;

/// <summary>A queue that holds what the test says.</summary>
internal sealed class FakeQueue : ITriggerReader
{
    public TriggerCounts Counts { get; set; } = new(0, 0);

    public IReadOnlyList<long> Oldest { get; set; } = [];

    /// <summary>Changes what a look at <see cref="Oldest"/> shows.</summary>
    public Func<QueueLook, QueueLook> Look { get; set; } = look => look;

    /// <summary>Reading and looking answer only when this has ended, or when they are cancelled.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Looking answers only when this has ended.</summary>
    public Task LookGate { get; set; } = Task.CompletedTask;

    /// <summary>What reading and looking fail with, or null.</summary>
    public string? Failure { get; set; }

    public int Reads { get; private set; }

    public int Looks { get; private set; }

    public async Task<TriggerCounts> ReadAsync(CancellationToken cancellationToken)
    {
        Reads++;
        await Gate.WaitAsync(cancellationToken);
        return Failure is null ? Counts : throw new IOException(Failure);
    }

    public async Task<QueueLook?> LookAsync(int count, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Looks++;
        await LookGate.WaitAsync(cancellationToken);
        return Failure is null ? Look(new(now, [.. Oldest.Select(number => new QueuedMessage(number))])) : throw new IOException(Failure);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
