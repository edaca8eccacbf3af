namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Placeholders that a computed environment contains until a process is started from it, in the notation of the real orchestrator. Code that
/// computes an environment by itself (<see cref="ApplicationModel.ExecutionConfigurationBuilder"/>) meets them too.
/// </summary>
internal static class Templates
{
    public const string ServiceName = """{{- index .Annotations "otel-service-name" -}}""";

    public const string ServiceInstanceId = """{{- index .Annotations "otel-service-instance-id" -}}""";

    public static string PortForServing(string serviceName) => "{{- portForServing \"" + serviceName + "\" -}}";
}
