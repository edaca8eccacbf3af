namespace KedaJobs.Benchmarks.Durability;

/// <summary>A queue on disk: what is told back is on disk. One thread calls it.</summary>
internal interface IStorage : IDisposable
{
    string Name { get; }

    /// <summary>Takes a message in.</summary>
    /// <param name="content">The encoded message.</param>
    /// <param name="committed">Called when it is on disk.</param>
    void Send(byte[] content, Action committed);

    /// <summary>Takes the oldest message and settles it.</summary>
    /// <param name="committed">Called when that is on disk.</param>
    void Complete(Action committed);

    /// <summary>Opens what is there again.</summary>
    /// <returns>How many messages there are.</returns>
    int Reopen();
}
