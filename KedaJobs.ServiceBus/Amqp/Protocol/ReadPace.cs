namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>
/// Slows the reader down by a little where a client sends small frames one after the other, as all clients do with
/// dispositions and most with messages. A reader that is faster than its client falls asleep after each frame, and waking
/// it up costs the client more than the frame does: reading them a few at a time is faster for both.
/// </summary>
/// <param name="clock">The clock.</param>
internal sealed class ReadPace(TimeProvider clock)
{
    /// <summary>
    /// A read of fewer bytes than this emptied the socket, which is read in blocks of this size. After any other there is more
    /// to read already.
    /// </summary>
    public const long SmallRead = 4096;

    /// <summary>
    /// From this many bytes on, what was read is a large message or part of one: with so much to copy, it pays that another
    /// thread answers what is complete.
    /// </summary>
    public const long LargeRead = 2 * SmallRead;

    /// <summary>Reads that follow on each other faster than this are a stream; anything slower is not delayed at all.</summary>
    private static readonly TimeSpan StreamGap = TimeSpan.FromMicroseconds(100);

    /// <summary>About 10 µs: the runtime scales iterations to the same time on every processor.</summary>
    private const int PauseIterations = 300;

    // With one processor the client could not go on meanwhile.
    private static readonly bool IsUseful = Environment.ProcessorCount > 1;

    private long _lastRead = clock.GetTimestamp();

    /// <summary>To be called when a read of less than <see cref="SmallRead"/> is worked off and answered, before the next read.</summary>
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
