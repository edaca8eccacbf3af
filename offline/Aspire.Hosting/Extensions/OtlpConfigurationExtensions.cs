using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

public enum OtlpProtocol
{
    Grpc = 0,
    HttpProtobuf = 1,
}

public static class OtlpConfigurationExtensions
{
    private const string DefaultEndpoint = "http://localhost:18889";

    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddOtlpEnvironment(builder.Resource, builder.ApplicationBuilder.Configuration, builder.ApplicationBuilder.Environment);
        return builder;
    }

    public static void AddOtlpEnvironment(IResource resource, IConfiguration configuration, IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(resource);
        resource.Annotations.Add(new OtlpExporterAnnotation());
        resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            if (context.ExecutionContext.IsPublishMode)
            {
                return;
            }

            var variables = context.EnvironmentVariables;
            var (endpoint, protocol) = Endpoint(configuration);
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = new HostUrl(endpoint);
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;

            // The name and id of a row are known only when its process is started: the orchestrator fills these placeholders.
            variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Orchestration.Templates.ServiceInstanceId}";
            variables["OTEL_SERVICE_NAME"] = Orchestration.Templates.ServiceName;
            if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
            {
                variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
            }

            if (environment.IsDevelopment())
            {
                // A developer wants to see what just happened, all of it.
                variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
                variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
                variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
                variables["OTEL_TRACES_SAMPLER"] = "always_on";
                variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
                variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true";
            }
        }));
    }

    private static (string Url, string Protocol) Endpoint(IConfiguration configuration)
    {
        var grpc = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];
        var http = configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"];
        return (grpc, http) switch
        {
            ({ Length: > 0 }, _) => (grpc, "grpc"),
            (_, { Length: > 0 }) => (http, "http/protobuf"),
            _ => (DefaultEndpoint, "grpc"),
        };
    }
}
