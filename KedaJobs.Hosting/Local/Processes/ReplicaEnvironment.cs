using System.Text.RegularExpressions;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>Who a replica is: the names Container Apps gives it, and the dashboard row its telemetry belongs to.</summary>
internal sealed record ReplicaIdentity(string JobName, string ExecutionName, string ReplicaName)
{
    /// <summary>The service name of its telemetry. With <see cref="ServiceInstance"/>, joined by '-', the name of its row.</summary>
    public required string ServiceName { get; init; }

    public required string ServiceInstance { get; init; }
}

/// <summary>The environment of a replica: this process's own, what Aspire computed for the worker, and what Container Apps adds.</summary>
internal static partial class ReplicaEnvironment
{
    private const string ServiceNameTemplate = """{{- index .Annotations "otel-service-name" -}}""";
    private const string ServiceInstanceTemplate = """{{- index .Annotations "otel-service-instance-id" -}}""";

    private const string ServiceName = "OTEL_SERVICE_NAME";
    private const string ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";
    private const string TelemetryDisabled = "OTEL_SDK_DISABLED";

    /// <summary>Settings of this process that are about itself; Aspire's orchestrator keeps the same ones from its children.</summary>
    private static readonly string[] NotInherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE", "ASPIRE_LOGLEVEL"];

    private static readonly StringComparer Names = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    public static IReadOnlyDictionary<string, string> Create(
        IEnumerable<KeyValuePair<string, string>> inherited,
        IEnumerable<KeyValuePair<string, string>> computed,
        ReplicaIdentity identity,
        bool exportTelemetry)
    {
        var environment = new Dictionary<string, string>(inherited, Names);
        foreach (var name in NotInherited)
        {
            environment.Remove(name);
        }

        foreach (var (name, value) in computed)
        {
            if (Fill(value, identity) is { } filled)
            {
                environment[name] = filled;
            }
        }

        environment.TryAdd(ServiceName, identity.ServiceName);
        environment.TryAdd(ResourceAttributes, $"service.instance.id={identity.ServiceInstance}");
        if (!exportTelemetry)
        {
            // Without a listener, an exporter retries when the process ends: an execution of a second would take a quarter of a minute.
            environment.TryAdd(TelemetryDisabled, "true");
        }

        environment["CONTAINER_APP_JOB_NAME"] = identity.JobName;
        environment["CONTAINER_APP_JOB_EXECUTION_NAME"] = identity.ExecutionName;
        environment["CONTAINER_APP_REPLICA_NAME"] = identity.ReplicaName;
        return environment;
    }

    /// <summary>
    /// Variables that replicas do not get, each with what Aspire's orchestrator would fill in. All of them
    /// are about endpoints, and a job has none.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, string>> Dropped(IEnumerable<KeyValuePair<string, string>> computed) =>
        computed.Where(variable => IsDropped(variable.Value))
            .Select(variable => KeyValuePair.Create(variable.Key, Template(variable.Value)));

    /// <summary>The first part of a value that is left to Aspire's orchestrator. The rest of the value may be secret.</summary>
    public static string Template(string value) => OrchestratorTemplate().Match(WithoutKnown(value)).Value;

    /// <summary>
    /// Whether a value is left to Aspire's orchestrator, and this cannot stand in for it. Anything
    /// else with braces in it is the user's own.
    /// </summary>
    public static bool IsDropped(string value) => OrchestratorTemplate().IsMatch(WithoutKnown(value));

    private static string? Fill(string value, ReplicaIdentity identity) => IsDropped(value) ? null : value
        .Replace(ServiceNameTemplate, identity.ServiceName, StringComparison.Ordinal)
        .Replace(ServiceInstanceTemplate, identity.ServiceInstance, StringComparison.Ordinal);

    private static string WithoutKnown(string value) => value
        .Replace(ServiceNameTemplate, "", StringComparison.Ordinal)
        .Replace(ServiceInstanceTemplate, "", StringComparison.Ordinal);

    // As Aspire writes them, for instance: http://localhost:{{- portForServing "worker" -}}
    [GeneratedRegex(
        """\{\{-? *(index \.Annotations|portFor|portForServing|addressFor|addressForServing) +"[^"]*" *-?\}\}""",
        RegexOptions.CultureInvariant)]
    private static partial Regex OrchestratorTemplate();
}
