namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>
/// Slows the reader down by a little where a client sends small frames one after the other, as all clients do with dispositions. A reader
/// that is faster than its client falls asleep after each frame, and waking it up costs the client more than the frame does: reading them a
/// few at a time is faster for both.
/// </summary>
/// <param name="clock">The clock.</param>
internal sealed class ReadPace(TimeProvider clock)
{
    /// <summary>Reads that follow on each other faster than this are a stream; anything slower is not delayed at all.</summary>
    private static readonly TimeSpan StreamGap = TimeSpan.FromMicroseconds(50);

    /// <summary>A read that took this many bytes or more was worth its wake-up.</summary>
    public const long SmallRead = 1024;

    /// <summary>About 20 µs: the runtime scales iterations to the same time on every processor.</summary>
    private const int PauseIterations = 600;

    // With one processor the client could not go on meanwhile.
    private static readonly bool IsUseful = Environment.ProcessorCount > 1;

    private long _lastRead = clock.GetTimestamp();

    /// <summary>To be called when a read of less than <see cref="SmallRead"/> is worked off, before the next read.</summary>
    public void AfterSmallRead()
    {
        if (!IsUseful)
        {
            return;
        }

        if (clock.GetElapsedTime(_lastRead) < StreamGap)
        {
            Thread.SpinWait(PauseIterations);
        }

        _lastRead = clock.GetTimestamp();
    }
}
