namespace KedaJobs.Benchmarks.Peers;

/// <summary>A program that serves AMQP 1.0 on loopback, running as a process of its own.</summary>
internal interface IPeer : IAsyncDisposable
{
    string Name { get; }

    /// <summary>The address of the queue that the load uses, as this program spells it.</summary>
    string QueueAddress { get; }

    /// <summary>False for a program that only counts: nothing can be received from it.</summary>
    bool Stores { get; }

    int ProcessId { get; }

    /// <summary>
    /// Starts the program on a free loopback port and returns when it serves; gives the time from process start to that moment.
    /// </summary>
    Task<TimeSpan> StartAsync(CancellationToken cancellationToken);

    Task<Amqp.Connection> ConnectAsync();
}
