namespace Azure.Messaging.ServiceBus;

public class ServiceBusRetryOptions
{
    private int _maxRetries = 3;
    private TimeSpan _delay = TimeSpan.FromSeconds(0.8);
    private TimeSpan _maxDelay = TimeSpan.FromMinutes(1);
    private TimeSpan _tryTimeout = TimeSpan.FromMinutes(1);

    public ServiceBusRetryMode Mode { get; set; } = ServiceBusRetryMode.Exponential;

    public int MaxRetries
    {
        get => _maxRetries;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            _maxRetries = value;
        }
    }

    public TimeSpan Delay
    {
        get => _delay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMinutes(5));
            _delay = value;
        }
    }

    public TimeSpan MaxDelay
    {
        get => _maxDelay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _maxDelay = value;
        }
    }

    public TimeSpan TryTimeout
    {
        get => _tryTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _tryTimeout = value;
        }
    }

    public ServiceBusRetryPolicy CustomRetryPolicy { get; set; }

    internal ServiceBusRetryPolicy ToRetryPolicy() => CustomRetryPolicy ?? new BasicRetryPolicy(this);

    internal ServiceBusRetryOptions Clone() => new()
    {
        Mode = Mode,
        MaxRetries = MaxRetries,
        Delay = Delay,
        MaxDelay = MaxDelay,
        TryTimeout = TryTimeout,
        CustomRetryPolicy = CustomRetryPolicy,
    };
}
