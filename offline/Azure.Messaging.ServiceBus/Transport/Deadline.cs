namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>The end of a waiting time, on the monotonic clock.</summary>
internal readonly struct Deadline
{
    private readonly long _start;
    private readonly TimeSpan _duration;

    private Deadline(long start, TimeSpan duration)
    {
        _start = start;
        _duration = duration;
    }

    public TimeSpan Left
    {
        get
        {
            var left = _duration - System.Diagnostics.Stopwatch.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public static Deadline After(TimeSpan duration) => new(System.Diagnostics.Stopwatch.GetTimestamp(), duration);
}
