using System.Collections.Concurrent;
using System.Diagnostics;

namespace Azure.Messaging.ServiceBus.Diagnostics;

/// <summary>Activities and trace context as the Azure SDK makes them: on only when its experimental switch is.</summary>
internal sealed class MessagingInstrumentation(string fullyQualifiedNamespace, string entityPath)
{
    private const string SourcePrefix = "Azure.Messaging.ServiceBus";
    private static readonly ConcurrentDictionary<string, ActivitySource> Sources = new();

    public static bool IsEnabled { get; } =
        AppContext.TryGetSwitch("Azure.Experimental.EnableActivitySource", out var on)
            ? on
            : Environment.GetEnvironmentVariable("AZURE_EXPERIMENTAL_ENABLE_ACTIVITY_SOURCE") is { } value
                && (value.Equals("true", StringComparison.OrdinalIgnoreCase) || value == "1");

    /// <summary>Gives a message the context it travels with, unless it has one: that of a short activity of its own.</summary>
    public void Stamp(ServiceBusMessage message)
    {
        if (TraceParentOf(message.ApplicationProperties) is not null)
        {
            return;
        }

        using var activity = Start("Message", ActivityKind.Producer);
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C } current)
        {
            return;
        }

        message.ApplicationProperties[WellKnown.DiagnosticId] = current.Id;
        if (!IsEnabled)
        {
            return;
        }

        message.ApplicationProperties[WellKnown.TraceParent] = current.Id;
        if (!string.IsNullOrEmpty(current.TraceStateString))
        {
            message.ApplicationProperties[WellKnown.TraceState] = current.TraceStateString;
        }
    }

    /// <summary>Starts a span named <c>Client.Operation</c>; what is before the dot names its source too.</summary>
    public MessagingScope Start(
        string name,
        ActivityKind kind,
        string operation = null,
        IReadOnlyCollection<string> links = null,
        string parent = null,
        DateTime? start = null)
    {
        if (!IsEnabled)
        {
            return default;
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var source = Sources.GetOrAdd(
            $"{SourcePrefix}.{(dot < 0 ? name : name[..dot])}",
            static sourceName => new ActivitySource(sourceName));
        if (!source.HasListeners())
        {
            return default;
        }

        ActivityContext.TryParse(parent, null, isRemote: true, out var parentContext);
        var activity = source.CreateActivity(name, kind, parentContext, links: links is null ? null : Links(links));
        if (activity is null)
        {
            return default;
        }

        activity.SetTag("az.namespace", "Microsoft.ServiceBus");
        activity.SetTag("az.schema_url", "https://opentelemetry.io/schemas/1.23.0");
        activity.SetTag("messaging.system", "servicebus");
        activity.SetTag("messaging.destination.name", entityPath);
        activity.SetTag("server.address", fullyQualifiedNamespace);
        if (operation is not null)
        {
            activity.SetTag("messaging.operation", operation);
        }

        if (links is { Count: > 1 })
        {
            activity.SetTag("messaging.batch.message_count", links.Count);
        }

        if (start is { } time)
        {
            activity.SetStartTime(time);
        }

        return new MessagingScope(activity.Start());
    }

    public static string TraceParentOf<T>(T properties)
        where T : IEnumerable<KeyValuePair<string, object>>
    {
        string diagnosticId = null;
        foreach (var (name, value) in properties)
        {
            if (name == WellKnown.TraceParent && value is string traceParent)
            {
                return traceParent;
            }

            if (name == WellKnown.DiagnosticId && value is string id)
            {
                diagnosticId = id;
            }
        }

        return diagnosticId;
    }

    private static IEnumerable<ActivityLink> Links(IReadOnlyCollection<string> traceParents)
    {
        foreach (var traceParent in traceParents)
        {
            if (ActivityContext.TryParse(traceParent, null, isRemote: true, out var context))
            {
                yield return new ActivityLink(context);
            }
        }
    }
}

/// <summary>A started activity, or nothing when nobody listens.</summary>
internal readonly struct MessagingScope(Activity activity) : IDisposable
{
    public void Failed(Exception exception)
    {
        activity?.SetTag("error.type", exception.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, exception.ToString());
    }

    public void Dispose() => activity?.Dispose();
}
