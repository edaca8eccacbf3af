namespace KedaJobs.Hosting.Local.Processes;

/// <summary>Everything a replica's process starts with. The environment is complete: nothing else is inherited.</summary>
internal sealed record ReplicaStart(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>
    /// The command line that removes what the program leaves when it is killed; empty for none. It is run after every end.
    /// </summary>
    public IReadOnlyList<string> CleanUp { get; init; } = [];
}

/// <summary>Receives each line a replica writes, in order for each of the two streams; called from several threads.</summary>
internal delegate void ReplicaOutput(string line, bool isError);

/// <summary>A running replica.</summary>
internal interface IReplicaProcess
{
    int Id { get; }

    /// <summary>The exit code, once the process has ended and all its output has been forwarded. Never faults.</summary>
    Task<int> Exit { get; }

    /// <summary>Asks the process to end (SIGTERM). Does nothing when it is gone.</summary>
    void Terminate();

    /// <summary>Ends the process and everything it started (SIGKILL). Does nothing when it is gone.</summary>
    void Kill();
}

/// <summary>Starts replicas. A seam: tests use scripted processes.</summary>
internal interface IReplicaStarter
{
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    IReplicaProcess Start(ReplicaStart start, ReplicaOutput output);
}
