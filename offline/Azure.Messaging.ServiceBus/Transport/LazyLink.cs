namespace Azure.Messaging.ServiceBus.Transport;

internal interface IAmqpLink
{
    bool IsClosed { get; }

    Task CloseAsync();
}

/// <summary>A link that is opened when first needed, and again when it has been lost.</summary>
internal sealed class LazyLink<T>(Func<TimeSpan, CancellationToken, Task<T>> open, T opened = null)
    where T : class, IAmqpLink
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile T _current = opened;
    private bool _ended;

    /// <summary>The open link, or null.</summary>
    public T Current => _current is { IsClosed: false } link ? link : null;

    public async Task<T> GetAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Current is { } ready)
        {
            return ready;
        }

        if (!await _gate.WaitAsync(timeout, cancellationToken).ConfigureAwait(false))
        {
            throw new TimeoutException("Another operation is still opening the link.");
        }

        try
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            return Current ?? (_current = await open(timeout, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task CloseAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            _ended = true;
            if (Current is { } link)
            {
                await link.CloseAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }
}
