using System.Collections.Concurrent;
using System.ComponentModel;
using KedaJobs.Hosting.Local.Processes;

namespace KedaJobs.Tests.Hosting.Local.Fakes;

/// <summary>Replicas that do nothing until the test ends them.</summary>
internal sealed class FakeStarter : IReplicaStarter
{
    private readonly ConcurrentQueue<FakeReplica> _replicas = new();

    /// <summary>All that were started, in that order.</summary>
    public IReadOnlyList<FakeReplica> Replicas => [.. _replicas];

    /// <summary>What the next starts fail with, or null.</summary>
    public string? Failure { get; set; }

    /// <summary>What the next starts throw, or null.</summary>
    public Exception? Exception { get; set; }

    /// <summary>Called before each start.</summary>
    public Action? Starting { get; set; }

    public IReplicaProcess Start(ReplicaStart start, ReplicaOutput output)
    {
        Starting?.Invoke();
        if (Exception is not null)
        {
            throw Exception;
        }

        if (Failure is not null)
        {
            throw new Win32Exception(Failure);
        }

        var replica = new FakeReplica(_replicas.Count + 1, start, output);
        _replicas.Enqueue(replica);
        return replica;
    }
}

internal sealed class FakeReplica(int id, ReplicaStart start, ReplicaOutput output) : IReplicaProcess
{
    private readonly TaskCompletionSource<int> _exit = new();

    public int Id { get; } = id;

    public ReplicaStart StartInfo { get; } = start;

    public Task<int> Exit => _exit.Task;

    public int Terminations { get; private set; }

    public bool IsKilled { get; private set; }

    /// <summary>What asking it to end throws, or null.</summary>
    public Exception? TerminateFailure { get; set; }

    public void Terminate()
    {
        Terminations++;
        if (TerminateFailure is not null)
        {
            throw TerminateFailure;
        }
    }

    public void Kill()
    {
        IsKilled = true;
        End(137);
    }

    public void Write(string line, bool isError = false) => output(line, isError);

    public void End(int exitCode) => _exit.TrySetResult(exitCode);

    /// <summary>Its end cannot be told.</summary>
    public void Lose(Exception exception) => _exit.TrySetException(exception);
}
