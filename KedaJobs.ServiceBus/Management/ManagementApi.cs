using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace KedaJobs.ServiceBus.Management;

/// <summary>
/// The management API that administration clients use: ATOM entries of queues, topics, subscriptions and rules over HTTP (Microsoft Learn:
/// "Service Bus REST API reference").
/// </summary>
internal sealed partial class ManagementApi(BrokerServices services, ILogger log)
{
    private const int DefaultPageSize = 100;
    private const int MaxBodyLength = 64 * 1024;

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Answer answer;
        try
        {
            answer = await ProcessAsync(context.Request).ConfigureAwait(false);
        }
        catch (XmlException malformed)
        {
            answer = Answer.Error(400, $"The request's body is not well-formed XML: {malformed.Message}");
        }
        catch (EntryFormatException malformed)
        {
            answer = Answer.Error(400, malformed.Message);
        }
        catch (BadHttpRequestException malformed)
        {
            answer = Answer.Error(malformed.StatusCode, malformed.Message);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or ConnectionResetException))
        {
            Log.ManagementFailed(log, failure, context.Request.Method, context.Request.Path);
            answer = Answer.Error(500, "The broker failed; its log says how.");
        }

        try
        {
            await services.Commits.WaitAsync().ConfigureAwait(false);
        }
        catch (CommitFailedException failed)
        {
            answer = Answer.Error(503, failed.Message);
        }

        if (answer.Refusal is { } reason)
        {
            Log.ManagementRefused(log, context.Request.Method, context.Request.Path, answer.Status, reason);
        }

        await answer.WriteAsync(context.Response).ConfigureAwait(false);
    }

    private async Task<Answer> ProcessAsync(HttpRequest request)
    {
        var path = Uri.UnescapeDataString(request.Path.Value ?? "").Trim('/');
        if (path == "health")
        {
            return Answer.Text("Healthy");
        }

        if (Authorize(request, path) is { } refused)
        {
            return refused;
        }

        if (path.StartsWith('$'))
        {
            return GetResource(request, path);
        }

        var resource = ManagementPath.Parse(path);
        if (resource.Kind == ResourceKind.None && ManagementPath.NamesDeadLetters(path))
        {
            return Answer.Error(
                400, $"'/{path}' is not an entity that can be managed: a dead-letter queue belongs to its queue or subscription.");
        }

        return request.Method switch
        {
            "GET" => Get(request, path, resource),
            "PUT" => await PutAsync(request, path, resource).ConfigureAwait(false),
            "DELETE" => Delete(path, resource),
            _ => Answer.Error(405, $"{request.Method} is not supported."),
        };
    }

    private Answer? Authorize(HttpRequest request, string path)
    {
        var token = request.Headers.Authorization.ToString();
        if (token.Length == 0)
        {
            token = request.Headers["ServiceBusAuthorization"].ToString();
        }

        var now = services.Now;
        if (services.Tokens.Validate(
            token, ClientAddress.IsLocal(request.HttpContext.Connection.RemoteIpAddress), now, out var problem) is not { } grant)
        {
            return Answer.Error(401, token.Length == 0 ? "The request has no Authorization header." : problem);
        }

        // Any key may ask for the namespace (Azure.Messaging.ServiceBus: GetNamespaceProperties).
        var needed = IsNamespace(path) && HttpMethods.IsGet(request.Method) ? AccessRights.None : AccessRights.Manage;
        return grant.Covers(path, needed, now)
            ? null
            : Answer.Error(401, $"Manage claim is required to perform this operation on '/{path}'.");
    }

    private Answer GetResource(HttpRequest request, string path)
    {
        if (!HttpMethods.IsGet(request.Method))
        {
            return Answer.Error(405, $"{request.Method} is not supported for '/{path}'.");
        }

        if (IsNamespace(path))
        {
            return Answer.Xml(200, AtomWriter.NamespaceInfo(request, services.Catalog.CreatedAt));
        }

        if (string.Equals(path, "$Resources/topics", StringComparison.OrdinalIgnoreCase))
        {
            return List(
                request, "Topics", services.Catalog.Topics, topic => topic.Intake.UpdatedAt,
                topic => TopicDescription.Entry(request, topic, services.Now));
        }

        return string.Equals(path, "$Resources/queues", StringComparison.OrdinalIgnoreCase)
            ? List(
                request, "Queues", services.Catalog.Queues, queue => queue.UpdatedAt,
                queue => QueueDescription.Entry(request, QueueView.Of(queue, services.Now)))
            : Answer.Error(404, $"There is no resource '/{path}'.");
    }

    private static bool IsNamespace(string path) => string.Equals(path, "$namespaceinfo", StringComparison.OrdinalIgnoreCase);

    private static Answer List<T>(
        HttpRequest request, string title, IReadOnlyList<T> all, Func<T, DateTime> updatedAt, Func<T, XElement> entry)
    {
        if (!TryReadNumber(request, "$skip", 0, 0, out var skip) || !TryReadNumber(request, "$top", DefaultPageSize, 1, out var top))
        {
            return Answer.Error(400, "$skip must be a number from 0, $top a number from 1.");
        }

        top = Math.Min(top, DefaultPageSize);
        var page = all.Skip(skip).Take(top).ToList();
        var next = skip + page.Count < all.Count ? skip + page.Count : (int?)null;
        var updated = page.Select(updatedAt).DefaultIfEmpty(DateTime.UnixEpoch).Max();
        return Answer.Xml(200, AtomWriter.Feed(request, title, page.Select(entry), updated, next is { } from ? (from, top) : null));
    }

    private Answer Get(HttpRequest request, string path, ManagementPath resource) => resource.Kind switch
    {
        ResourceKind.Entity => GetEntity(request, path),
        ResourceKind.Subscriptions => ListSubscriptions(request, path, resource),
        ResourceKind.Subscription => GetSubscription(request, path, resource),
        ResourceKind.Rules => ListRules(request, path, resource),
        ResourceKind.Rule => GetRule(request, path, resource),
        _ => NotFound(path),
    };

    private async Task<Answer> PutAsync(HttpRequest request, string path, ManagementPath resource)
    {
        if (request.ContentLength > MaxBodyLength)
        {
            return Answer.Error(413, $"The request's body is larger than {MaxBodyLength} bytes.");
        }

        // For a body that does not say its length.
        request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBodyLength;

        var isUpdate = request.Headers.IfMatch.Count > 0;
        var description = await AtomReader.ReadAsync(request.Body, request.HttpContext.RequestAborted).ConfigureAwait(false);
        return resource.Kind switch
        {
            ResourceKind.Entity when description.Name.LocalName == TopicDescription.Name => PutTopic(request, path, description, isUpdate),
            ResourceKind.Entity => PutQueue(request, path, description, isUpdate),
            ResourceKind.Subscription => PutSubscription(request, path, resource, description, isUpdate),
            ResourceKind.Rule => PutRule(request, path, resource, description, isUpdate),
            _ => Answer.Error(400, $"'/{path}' cannot be created: name a queue, a topic, a subscription or a rule."),
        };
    }

    private Answer Delete(string path, ManagementPath resource)
    {
        var outcome = resource.Kind switch
        {
            ResourceKind.Entity when services.Catalog.FindTopic(path) is not null => services.Catalog.DeleteTopic(path),
            ResourceKind.Entity => services.Catalog.Delete(path),
            ResourceKind.Subscription => services.Catalog.DeleteSubscription(resource.Entity, resource.Subscription),
            ResourceKind.Rule when Find(resource) is { } subscription => services.Catalog.DeleteRule(subscription, resource.Rule),
            _ => CatalogOutcome.NotFound,
        };
        return outcome == CatalogOutcome.Done ? Answer.Empty() : NotFound(path);
    }

    private Answer GetEntity(HttpRequest request, string path) => services.Catalog.Find(path) switch
    {
        { Topic: { } topic } => Answer.Xml(200, TopicDescription.Entry(request, topic, services.Now)),
        { Kind: EntityKind.Queue } queue => Answer.Xml(200, QueueDescription.Entry(request, QueueView.Of(queue, services.Now))),
        _ => NotFound(path),
    };

    private Answer PutQueue(HttpRequest request, string path, XElement description, bool isUpdate)
    {
        var existing = services.Catalog.FindQueue(path);
        if (Precede(path, isUpdate, existing is not null, services.Catalog.Find(path) is not null) is { } refused)
        {
            return refused;
        }

        var options = QueueDescription.Read(
            description, existing is null ? new QueueOptions { Name = path } : QueueDescription.BeforeChange(existing.Options));
        if (ForeignTarget(request, options.ForwardTo, options.ForwardDeadLetteredMessagesTo) is { } foreign)
        {
            return foreign;
        }

        var outcome = isUpdate
            ? services.Catalog.Update(options, out var queue, out var problems)
            : services.Catalog.Create(options, out queue, out problems);
        return Changed(outcome, isUpdate, path, problems, () => QueueDescription.Entry(request, QueueView.Of(queue!, services.Now)));
    }

    /// <summary>
    /// Messages are forwarded within the namespace only: a URI that names another host is refused, not taken for a name here.
    /// </summary>
    private static Answer? ForeignTarget(HttpRequest request, params string?[] targets)
    {
        var foreign = Array.Find(targets, target => ForwardingTarget.HostOf(target) is { } host
            && !host.Equals(request.Host.Host, StringComparison.OrdinalIgnoreCase)
            && !new Uri(target!).IsLoopback);
        return foreign is null
            ? null
            : Answer.Error(
                400, $"'{foreign}' is not in this namespace ('{request.Host.Host}'), and messages are forwarded within a namespace only.");
    }

    /// <summary>What a change needs to find; what exists already is said even where the description is wrong too.</summary>
    private static Answer? Precede(string path, bool isUpdate, bool exists, bool isTaken) =>
        isUpdate ? (exists ? null : NotFound(path)) : isTaken ? Exists(path) : null;

    private static Answer Changed(
        CatalogOutcome outcome, bool isUpdate, string path, IReadOnlyList<string> problems, Func<XElement> entry) =>
        outcome switch
        {
            CatalogOutcome.Done => Answer.Xml(isUpdate ? 200 : 201, entry()),
            CatalogOutcome.Exists => Exists(path),
            CatalogOutcome.NotFound => NotFound(path),
            _ => Answer.Error(400, string.Join(' ', problems)),
        };

    // The number 40901 in the text would make the JavaScript client report another error.
    private static Answer Exists(string path) =>
        Answer.Error(409, $"SubCode=40900. Conflict: the messaging entity '{path}' already exists.");

    private static Answer NotFound(string path) => Answer.Error(404, $"The messaging entity '{path}' could not be found.");

    private static bool TryReadNumber(HttpRequest request, string name, int missing, int least, out int number)
    {
        number = missing;
        var text = request.Query[name].ToString();
        return text.Length == 0 || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least);
    }
}
