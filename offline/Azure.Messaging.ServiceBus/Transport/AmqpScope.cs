namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>What all senders and receivers of one client share: the connection (opened again when lost) and how links are authorized.</summary>
internal sealed class AmqpScope(ServiceEndpoint endpoint, ServiceBusClientOptions options, string identifier)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private AmqpConnection _connection;

    public ServiceEndpoint Endpoint => endpoint;

    public bool IsDisposed { get; private set; }

    public async Task<AmqpConnection> GetConnectionAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_connection is { IsClosed: false } existing)
        {
            return existing;
        }

        if (!await _gate.WaitAsync(timeout, cancellationToken).ConfigureAwait(false))
        {
            throw new TimeoutException("Another operation is still opening the connection.");
        }

        try
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(ServiceBusClient));
            if (_connection is not { IsClosed: false })
            {
                _connection = await AmqpConnection.OpenAsync(endpoint, options, identifier, timeout, cancellationToken).ConfigureAwait(false);
            }

            return _connection;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Connection, token, link: in that order, each within the time of one try.</summary>
    public async Task<T> OpenLinkAsync<T>(
        string entityPath,
        Func<AmqpConnection, TimeSpan, Task<T>> open,
        Action<T, Action> whenClosed,
        TimeSpan timeout,
        CancellationToken cancellationToken)
        where T : IAmqpLink
    {
        var connection = await GetConnectionAsync(timeout, cancellationToken).ConfigureAwait(false);
        var cbs = await connection.GetCbsAsync(timeout, cancellationToken).ConfigureAwait(false);
        var authorization = await cbs.AuthorizeAsync(entityPath, timeout, cancellationToken).ConfigureAwait(false);
        try
        {
            var link = await open(connection, timeout).ConfigureAwait(false);
            whenClosed(link, authorization.Dispose);
            return link;
        }
        catch (Exception)
        {
            authorization.Dispose();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            IsDisposed = true;
            if (_connection is { IsClosed: false } connection)
            {
                await connection.CloseAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }
}
