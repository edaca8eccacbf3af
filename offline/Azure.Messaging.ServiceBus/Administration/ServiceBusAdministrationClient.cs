using System.Globalization;
using Azure.Core;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus.Administration;

public partial class ServiceBusAdministrationClient
{
    private const int PageSize = 100;
    private readonly ManagementHttp _http;

    protected ServiceBusAdministrationClient()
    {
    }

    public ServiceBusAdministrationClient(string connectionString)
        : this(connectionString, new ServiceBusAdministrationClientOptions())
    {
    }

    public ServiceBusAdministrationClient(string connectionString, ServiceBusAdministrationClientOptions options)
    {
        var properties = ServiceBusConnectionStringProperties.Parse(connectionString);
        properties.Validate(nameof(connectionString));
        _http = new ManagementHttp(ServiceEndpoint.FromConnectionString(properties), options ?? new ServiceBusAdministrationClientOptions());
    }

    public ServiceBusAdministrationClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusAdministrationClientOptions())
    {
    }

    public ServiceBusAdministrationClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusAdministrationClientOptions options) =>
        _http = new ManagementHttp(
            ServiceEndpoint.FromNamespace(fullyQualifiedNamespace, ServiceEndpoint.TokensOf(credential)),
            options ?? new ServiceBusAdministrationClientOptions());

    public virtual Task<Response<QueueProperties>> CreateQueueAsync(string name, CancellationToken cancellationToken = default) =>
        CreateQueueAsync(new CreateQueueOptions(name), cancellationToken);

    public virtual async Task<Response<QueueProperties>> CreateQueueAsync(CreateQueueOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var response = await _http.PutAsync(options.Name, AtomFeed.Entry(options.Description.ToXml()), update: false, cancellationToken).ConfigureAwait(false);
        return Queue(response, options.Name);
    }

    public virtual async Task<Response<QueueProperties>> UpdateQueueAsync(QueueProperties queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var response = await _http.PutAsync(queue.Name, AtomFeed.Entry(queue.Description.ToXml()), update: true, cancellationToken).ConfigureAwait(false);
        return Queue(response, queue.Name);
    }

    public virtual async Task<Response> DeleteQueueAsync(string name, CancellationToken cancellationToken = default) =>
        await _http.DeleteAsync(Checked(name), cancellationToken).ConfigureAwait(false);

    public virtual async Task<Response<QueueProperties>> GetQueueAsync(string name, CancellationToken cancellationToken = default) =>
        Queue(await _http.GetAsync(Checked(name), "enrich=False", cancellationToken).ConfigureAwait(false), name);

    public virtual async Task<Response<QueueRuntimeProperties>> GetQueueRuntimePropertiesAsync(string name, CancellationToken cancellationToken = default)
    {
        var response = await _http.GetAsync(Checked(name), "enrich=True", cancellationToken).ConfigureAwait(false);
        var (found, description) = Single(response, name, "QueueDescription");
        return Response.FromValue(AtomFeed.RuntimeProperties(found, description), response);
    }

    public virtual Task<Response<bool>> QueueExistsAsync(string name, CancellationToken cancellationToken = default) =>
        ExistsAsync(() => GetQueueAsync(name, cancellationToken));

    private static async Task<Response<bool>> ExistsAsync<T>(Func<Task<Response<T>>> get)
    {
        try
        {
            var response = await get().ConfigureAwait(false);
            return Response.FromValue(true, response.GetRawResponse());
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
        {
            return Response.FromValue(false, (e.InnerException as RequestFailedException)?.GetRawResponse());
        }
    }

    public virtual AsyncPageable<QueueProperties> GetQueuesAsync(CancellationToken cancellationToken = default) =>
        Listed("$Resources/queues", (name, description) => new QueueProperties(QueueDescription.Parse(name, description)), "enrich=False", cancellationToken);

    public virtual AsyncPageable<QueueRuntimeProperties> GetQueuesRuntimePropertiesAsync(CancellationToken cancellationToken = default) =>
        Listed("$Resources/queues", AtomFeed.RuntimeProperties, "enrich=True", cancellationToken);

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return name;
    }

    private static Response<QueueProperties> Queue(Response response, string name)
    {
        var (found, description) = Single(response, name, "QueueDescription");
        return Response.FromValue(new QueueProperties(QueueDescription.Parse(found, description)), response);
    }

    // For an entity that does not exist the service may answer with an empty feed.
    private static (string Name, System.Xml.Linq.XElement Description) Single(Response response, string name, string kind)
    {
        var (title, description) = AtomFeed.Entries(response.Content.ToStream())
            .FirstOrDefault(entry => entry.Description.Name.LocalName == kind);
        return description is null
            ? throw new ServiceBusException(
                $"The messaging entity '{name}' could not be found.",
                ServiceBusFailureReason.MessagingEntityNotFound,
                innerException: new RequestFailedException(response))
            : (string.IsNullOrEmpty(title) ? name : title, description);
    }

    private AsyncPageable<T> Listed<T>(
        string path, Func<string, System.Xml.Linq.XElement, T> read, string query, CancellationToken cancellationToken) => new Pages<T>(
        async skip =>
        {
            var page = string.Create(CultureInfo.InvariantCulture, $"$skip={skip}&$top={PageSize}&{query}");
            var response = await _http.GetAsync(path, page, cancellationToken).ConfigureAwait(false);
            return (AtomFeed.Entries(response.Content.ToStream()).Select(entry => read(entry.Name, entry.Description)).ToList(), response);
        });

    /// <summary>Pages are numbered by how many entries come before them; a short page is the last.</summary>
    private sealed class Pages<T>(Func<int, Task<(List<T> Values, Response Response)>> load) : AsyncPageable<T>
    {
        public override async IAsyncEnumerable<Page<T>> AsPages(string continuationToken = null, int? pageSizeHint = null)
        {
            for (var skip = int.Parse(continuationToken ?? "0", CultureInfo.InvariantCulture); ; skip += PageSize)
            {
                var (values, response) = await load(skip).ConfigureAwait(false);
                var next = values.Count < PageSize ? null : (skip + PageSize).ToString(CultureInfo.InvariantCulture);
                yield return Page<T>.FromValues(values, next, response);
                if (next is null)
                {
                    yield break;
                }
            }
        }
    }
}
