using System.Globalization;
using System.Xml;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Entities;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace KedaJobs.ServiceBus.Management;

/// <summary>
/// The management API that administration clients use: ATOM entries of queues over HTTP (Microsoft Learn: "Service Bus REST API reference").
/// </summary>
internal sealed class ManagementApi(BrokerServices services, ILogger log)
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

        await services.Commits.WaitAsync().ConfigureAwait(false);
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

        if (path.Contains("/subscriptions", StringComparison.OrdinalIgnoreCase))
        {
            return HttpMethods.IsGet(request.Method)
                ? Answer.Xml(200, AtomWriter.Feed(request, "Subscriptions", [], null))
                : Answer.Error(501, "Topics and subscriptions are not supported by this broker.");
        }

        return request.Method switch
        {
            "GET" => Get(request, path),
            "PUT" => await PutAsync(request, path).ConfigureAwait(false),
            "DELETE" => Delete(path),
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
        if (services.Tokens.Validate(token, now, out var problem) is not { } grant)
        {
            return Answer.Error(401, token.Length == 0 ? "The request has no Authorization header." : problem);
        }

        return grant.Covers(path, AccessRights.Manage, now)
            ? null
            : Answer.Error(401, $"Manage claim is required to perform this operation on '/{path}'.");
    }

    private Answer GetResource(HttpRequest request, string path)
    {
        if (!HttpMethods.IsGet(request.Method))
        {
            return Answer.Error(405, $"{request.Method} is not supported for '/{path}'.");
        }

        if (string.Equals(path, "$namespaceinfo", StringComparison.OrdinalIgnoreCase))
        {
            return Answer.Xml(200, AtomWriter.NamespaceInfo(request, services.Catalog.CreatedAt));
        }

        if (string.Equals(path, "$Resources/topics", StringComparison.OrdinalIgnoreCase))
        {
            return Answer.Xml(200, AtomWriter.Feed(request, "Topics", [], null));
        }

        return string.Equals(path, "$Resources/queues", StringComparison.OrdinalIgnoreCase)
            ? List(request)
            : Answer.Error(404, $"There is no resource '/{path}'.");
    }

    private Answer List(HttpRequest request)
    {
        if (!TryReadNumber(request, "$skip", 0, 0, out var skip) || !TryReadNumber(request, "$top", DefaultPageSize, 1, out var top))
        {
            return Answer.Error(400, "$skip must be a number from 0, $top a number from 1.");
        }

        top = Math.Min(top, DefaultPageSize);
        var all = services.Catalog.Queues;
        var page = all.Skip(skip).Take(top).Select(queue => QueueView.Of(queue, services.Now)).ToList();
        var next = skip + page.Count < all.Count ? skip + page.Count : (int?)null;
        return Answer.Xml(200, AtomWriter.Feed(request, "Queues", page, next is { } from ? (from, top) : null));
    }

    private Answer Get(HttpRequest request, string path) =>
        services.Catalog.Find(path) is { } queue
            ? Answer.Xml(200, AtomWriter.Entry(request, QueueView.Of(queue, services.Now)))
            : NotFound(path);

    private async Task<Answer> PutAsync(HttpRequest request, string path)
    {
        if (request.ContentLength > MaxBodyLength)
        {
            return Answer.Error(413, $"The request's body is larger than {MaxBodyLength} bytes.");
        }

        // For a body that does not say its length.
        request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBodyLength;

        var isUpdate = request.Headers.IfMatch.Count > 0;
        var existing = services.Catalog.Find(path);
        if (isUpdate && existing is null)
        {
            return NotFound(path);
        }

        if (!isUpdate && existing is not null)
        {
            return Exists(path);
        }

        var options = await AtomReader.ReadQueueAsync(
            request.Body, existing?.Options ?? new QueueOptions { Name = path }, request.HttpContext.RequestAborted).ConfigureAwait(false);
        var outcome = isUpdate
            ? services.Catalog.Update(options, out var queue, out var problems)
            : services.Catalog.Create(options, out queue, out problems);
        return outcome switch
        {
            CatalogOutcome.Done => Answer.Xml(isUpdate ? 200 : 201, AtomWriter.Entry(request, QueueView.Of(queue!, services.Now))),
            CatalogOutcome.Exists => Exists(path),
            CatalogOutcome.NotFound => NotFound(path),
            _ => Answer.Error(400, string.Join(' ', problems)),
        };
    }

    private Answer Delete(string path) =>
        services.Catalog.Delete(path) == CatalogOutcome.Done ? Answer.Empty() : NotFound(path);

    // The number 40901 in the text would make the JavaScript client report another error.
    private static Answer Exists(string path) => Answer.Error(409, $"SubCode=40900. Conflict: the messaging entity '{path}' already exists.");

    private static Answer NotFound(string path) => Answer.Error(404, $"The messaging entity '{path}' could not be found.");

    private static bool TryReadNumber(HttpRequest request, string name, int missing, int least, out int number)
    {
        number = missing;
        var text = request.Query[name].ToString();
        return text.Length == 0 || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least);
    }
}
