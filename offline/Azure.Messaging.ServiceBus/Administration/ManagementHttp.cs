using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Authorized requests to the management API, and its errors as the .NET client's exceptions.</summary>
internal sealed class ManagementHttp(ServiceEndpoint endpoint, ServiceBusAdministrationClientOptions options)
{
    private const string EntryType = "application/atom+xml;type=entry;charset=utf-8";
    private readonly HttpPipeline _pipeline = HttpPipelineBuilder.Build(options);

    public Task<Response> GetAsync(string path, string query, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Get, path, query, _ => { }, cancellationToken);

    public Task<Response> DeleteAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Delete, path, null, _ => { }, cancellationToken);

    public Task<Response> PutAsync(string path, string entry, bool update, CancellationToken cancellationToken) => SendAsync(
        RequestMethod.Put,
        path,
        null,
        request =>
        {
            request.Content = RequestContent.Create(BinaryData.FromString(entry));
            request.Headers.Add("Content-Type", EntryType);
            if (update)
            {
                request.Headers.Add("If-Match", "*");
            }
        },
        cancellationToken);

    private async Task<Response> SendAsync(
        RequestMethod method, string path, string query, Action<Request> complete, CancellationToken cancellationToken)
    {
        using var message = _pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        var uri = new UriBuilder(endpoint.Management) { Path = path, Query = $"api-version={options.VersionName}" + (query is null ? "" : $"&{query}") }.Uri;
        request.Uri.Reset(uri);

        var token = await endpoint.Tokens.GetTokenAsync(uri.GetLeftPart(UriPartial.Path), cancellationToken).ConfigureAwait(false);
        request.Headers.Add("Authorization", token.Type == ServiceToken.Jwt ? $"Bearer {token.Value}" : token.Value);
        complete(request);
        await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        return message.Response.Status is >= 200 and < 300 ? message.Response : throw Error(message.Response, method);
    }

    private static Exception Error(Response response, RequestMethod method)
    {
        var text = AtomFeed.ErrorText(response.Content.ToString());
        var failure = new RequestFailedException(response);
        ServiceBusException Reason(ServiceBusFailureReason reason) => new(text, reason, innerException: failure);

        return response.Status switch
        {
            401 => new UnauthorizedAccessException(text, failure),
            404 => Reason(ServiceBusFailureReason.MessagingEntityNotFound),
            409 when method == RequestMethod.Delete || text.Contains("SubCode=40901", StringComparison.Ordinal)
                => new ServiceBusException(isTransient: true, text, innerException: failure),
            409 => Reason(ServiceBusFailureReason.MessagingEntityAlreadyExists),
            403 when text.Contains("SubCode=40301", StringComparison.Ordinal) => new InvalidOperationException(text, failure),
            403 => Reason(ServiceBusFailureReason.QuotaExceeded),
            400 => new ArgumentException(text, failure),
            503 => Reason(ServiceBusFailureReason.ServiceBusy),
            _ => new ServiceBusException(isTransient: true, $"{text}; response status code: {response.Status}", innerException: failure),
        };
    }
}
