using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>Claims-based security: tells the service by which token a link may be used.</summary>
internal sealed class CbsLink : IAmqpLink
{
    private static readonly TimeSpan RefreshReserve = TimeSpan.FromMinutes(7);
    private static readonly TimeSpan ShortestRefresh = TimeSpan.FromMinutes(2);
    private readonly ServiceEndpoint _endpoint;
    private readonly TimeProvider _time;
    private readonly RequestResponseLink _link;

    private CbsLink(ServiceEndpoint endpoint, TimeProvider time, RequestResponseLink link)
    {
        _endpoint = endpoint;
        _time = time;
        _link = link;
    }

    public bool IsClosed => _link.IsClosed;

    public static async Task<CbsLink> OpenAsync(
        AmqpConnection connection, ServiceEndpoint endpoint, TimeProvider time, TimeSpan timeout, CancellationToken cancellationToken) =>
        new(endpoint, time, await RequestResponseLink.OpenAsync(connection, "$cbs", timeout, cancellationToken).ConfigureAwait(false));

    /// <summary>Puts a token for the entity, and keeps putting new ones until the returned registration is disposed.</summary>
    public async Task<IDisposable> AuthorizeAsync(string entityPath, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var expiresOn = await PutTokenAsync(entityPath, timeout, cancellationToken).ConfigureAwait(false);
        return new Refresh(this, entityPath, expiresOn);
    }

    public Task CloseAsync() => _link.CloseAsync();

    private async Task<DateTimeOffset> PutTokenAsync(string entityPath, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var token = await _endpoint.Tokens.GetTokenAsync(_endpoint.SignedResourceOf(entityPath), cancellationToken).ConfigureAwait(false);
        var request = new Message(token.Value) { ApplicationProperties = new ApplicationProperties() };
        request.ApplicationProperties["operation"] = "put-token";
        request.ApplicationProperties["type"] = token.Type;
        request.ApplicationProperties["name"] = _endpoint.AudienceOf(entityPath);
        request.ApplicationProperties["expiration"] = token.ExpiresOn.UtcDateTime;
        var response = await _link.RequestAsync(request, timeout, cancellationToken).ConfigureAwait(false);
        var status = response.ApplicationProperties?["status-code"] as int? ?? 0;
        var description = response.ApplicationProperties?["status-description"] as string;
        return status switch
        {
            200 or 202 => token.ExpiresOn,
            401 => throw new UnauthorizedAccessException($"Put token failed. Status code: 401. {description}"),
            404 => throw new ServiceBusException(description, ServiceBusFailureReason.MessagingEntityNotFound, entityPath),
            _ => throw new ServiceBusException(isTransient: true, $"Put token failed. Status code: {status}. {description}"),
        };
    }

    private sealed class Refresh : IDisposable
    {
        private readonly CancellationTokenSource _ended = new();

        public Refresh(CbsLink cbs, string entityPath, DateTimeOffset expiresOn) => _ = RunAsync(cbs, entityPath, expiresOn, _ended.Token);

        public void Dispose() => _ended.Cancel();

        private static async Task RunAsync(CbsLink cbs, string entityPath, DateTimeOffset expiresOn, CancellationToken ended)
        {
            try
            {
                while (expiresOn < DateTimeOffset.MaxValue)
                {
                    var due = expiresOn - cbs._time.GetUtcNow() - RefreshReserve;
                    await Task.Delay(due > ShortestRefresh ? due : ShortestRefresh, cbs._time, ended).ConfigureAwait(false);
                    try
                    {
                        expiresOn = await cbs.PutTokenAsync(entityPath, TimeSpan.FromMinutes(1), ended).ConfigureAwait(false);
                    }
                    catch (Exception e) when (e is not OperationCanceledException && !cbs.IsClosed)
                    {
                        // Tried again after the shortest pause; if no token is taken at all, the service ends the link and says why.
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The link is gone, and the need for tokens with it.
            }
            catch (Exception) when (cbs.IsClosed)
            {
                // Likewise.
            }
        }
    }
}
