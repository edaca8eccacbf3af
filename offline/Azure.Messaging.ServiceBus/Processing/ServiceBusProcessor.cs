namespace Azure.Messaging.ServiceBus;

public class ServiceBusProcessor : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly ServiceBusProcessorOptions _options;
    private readonly ServiceBusReceiver _receiver;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Func<ProcessMessageEventArgs, Task> _processMessage;
    private Func<ProcessErrorEventArgs, Task> _processError;
    private MessagePump _pump;
    private int _maxConcurrentCalls;

    protected ServiceBusProcessor()
    {
    }

    internal ServiceBusProcessor(ServiceBusClient client, string queueName, ServiceBusProcessorOptions options)
    {
        _client = client;
        _options = options ?? new ServiceBusProcessorOptions();
        _maxConcurrentCalls = _options.MaxConcurrentCalls;
        Identifier = ServiceBusClient.IdentifierOr(_options.Identifier, queueName);
        _receiver = new ServiceBusReceiver(client, queueName, new ServiceBusReceiverOptions
        {
            Identifier = Identifier,
            PrefetchCount = _options.PrefetchCount,
            ReceiveMode = _options.ReceiveMode,
            SubQueue = _options.SubQueue,
        });
    }

    public event Func<ProcessMessageEventArgs, Task> ProcessMessageAsync
    {
        add => Assign(ref _processMessage, value);
        remove => Remove(ref _processMessage, value);
    }

    public event Func<ProcessErrorEventArgs, Task> ProcessErrorAsync
    {
        add => Assign(ref _processError, value);
        remove => Remove(ref _processError, value);
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath => _receiver.EntityPath;

    public virtual string Identifier { get; }

    public virtual ServiceBusReceiveMode ReceiveMode => _options.ReceiveMode;

    public virtual int PrefetchCount => _receiver.PrefetchCount;

    public virtual bool AutoCompleteMessages => _options.AutoCompleteMessages;

    public virtual TimeSpan MaxAutoLockRenewalDuration => _options.MaxAutoLockRenewalDuration;

    public virtual int MaxConcurrentCalls => _maxConcurrentCalls;

    public virtual bool IsProcessing => _pump is not null;

    public virtual bool IsClosed { get; private set; }

    public virtual async Task StartProcessingAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusProcessor));
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_pump is not null)
            {
                throw new InvalidOperationException("The processor is running already.");
            }

            if (_processMessage is null || _processError is null)
            {
                throw new InvalidOperationException(
                    $"Assign {nameof(ProcessMessageAsync)} and {nameof(ProcessErrorAsync)} before the processor is started.");
            }

            _pump = new MessagePump(_receiver, AutoCompleteMessages, MaxAutoLockRenewalDuration, OnProcessMessageAsync, OnProcessErrorAsync);
            _pump.SetConcurrency(_maxConcurrentCalls);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes nothing new and waits for the handlers that run.</summary>
    public virtual async Task StopProcessingAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_pump is not null)
            {
                await _pump.StopAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                _pump = null;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        await StopProcessingAsync(cancellationToken).ConfigureAwait(false);
        await _receiver.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    public void UpdateConcurrency(int maxConcurrentCalls)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrentCalls, 1);
        _maxConcurrentCalls = maxConcurrentCalls;
        _pump?.SetConcurrency(maxConcurrentCalls);
    }

    public void UpdatePrefetchCount(int prefetchCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefetchCount);
        _receiver.UpdatePrefetchCount(prefetchCount);
    }

    protected internal virtual Task OnProcessMessageAsync(ProcessMessageEventArgs args) => _processMessage(args);

    protected internal virtual Task OnProcessErrorAsync(ProcessErrorEventArgs args) => _processError(args);

    private void Assign<T>(ref Func<T, Task> field, Func<T, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfRunning();
        if (field is not null)
        {
            throw new NotSupportedException("The event has a handler already, and takes only one.");
        }

        field = handler;
    }

    private void Remove<T>(ref Func<T, Task> field, Func<T, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfRunning();
        if (field != handler)
        {
            throw new ArgumentException("This is not the event's handler.", nameof(handler));
        }

        field = null;
    }

    private void ThrowIfRunning()
    {
        if (IsProcessing)
        {
            throw new InvalidOperationException("Handlers cannot be changed while the processor runs.");
        }
    }
}
