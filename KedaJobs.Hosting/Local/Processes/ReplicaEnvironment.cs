namespace KedaJobs.Hosting.Local.Processes;

/// <summary>Who a replica is: the names Container Apps gives it, and the dashboard row its telemetry belongs to.</summary>
internal sealed record ReplicaIdentity(string JobName, string ExecutionName, string ReplicaName)
{
    /// <summary>The service name of its telemetry. With <see cref="ServiceInstance"/>, joined by '-', the name of its row.</summary>
    public required string ServiceName { get; init; }

    public required string ServiceInstance { get; init; }
}

/// <summary>The environment of a replica: this process's own, what Aspire computed for the worker, and what Container Apps adds.</summary>
internal static class ReplicaEnvironment
{
    // Values that Aspire leaves to its orchestrator to fill in. Whatever else still has a template in it belongs to an endpoint, and a job has none.
    private const string ServiceNameTemplate = """{{- index .Annotations "otel-service-name" -}}""";
    private const string ServiceInstanceTemplate = """{{- index .Annotations "otel-service-instance-id" -}}""";
    private const string TemplateStart = "{{";

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
            var filled = value
                .Replace(ServiceNameTemplate, identity.ServiceName, StringComparison.Ordinal)
                .Replace(ServiceInstanceTemplate, identity.ServiceInstance, StringComparison.Ordinal);
            if (!filled.Contains(TemplateStart, StringComparison.Ordinal))
            {
                environment[name] = filled;
            }
        }

        environment.TryAdd(ServiceName, identity.ServiceName);
        environment.TryAdd(ResourceAttributes, $"service.instance.id={identity.ServiceInstance}");
        if (!exportTelemetry)
        {
            // With nobody listening an exporter retries when the process ends: an execution of a second would take a quarter of a minute.
            environment.TryAdd(TelemetryDisabled, "true");
        }

        environment["CONTAINER_APP_JOB_NAME"] = identity.JobName;
        environment["CONTAINER_APP_JOB_EXECUTION_NAME"] = identity.ExecutionName;
        environment["CONTAINER_APP_REPLICA_NAME"] = identity.ReplicaName;
        return environment;
    }
}
