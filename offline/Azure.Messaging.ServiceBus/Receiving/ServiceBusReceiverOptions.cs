namespace Azure.Messaging.ServiceBus;

public class ServiceBusReceiverOptions
{
    private int _prefetchCount;

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

    public SubQueue SubQueue { get; set; } = SubQueue.None;

    public string Identifier { get; set; }
}

public class ServiceBusSessionReceiverOptions
{
    private int _prefetchCount;

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

    public string Identifier { get; set; }
}
