namespace Azure.Messaging.ServiceBus;

public class ServiceBusProcessorOptions
{
    private int _prefetchCount;
    private int _maxConcurrentCalls = 1;
    private TimeSpan _maxAutoLockRenewalDuration = TimeSpan.FromMinutes(5);

    public int PrefetchCount
    {
        get => _prefetchCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _prefetchCount = value;
        }
    }

    public ServiceBusReceiveMode ReceiveMode { get; set; } = ServiceBusReceiveMode.PeekLock;

    public bool AutoCompleteMessages { get; set; } = true;

    /// <summary><see cref="Timeout.InfiniteTimeSpan"/> renews for as long as the handler runs.</summary>
    public TimeSpan MaxAutoLockRenewalDuration
    {
        get => _maxAutoLockRenewalDuration;
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            }

            _maxAutoLockRenewalDuration = value;
        }
    }

    public int MaxConcurrentCalls
    {
        get => _maxConcurrentCalls;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _maxConcurrentCalls = value;
        }
    }

    public SubQueue SubQueue { get; set; } = SubQueue.None;

    public string Identifier { get; set; }
}
