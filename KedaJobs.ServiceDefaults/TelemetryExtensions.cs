using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace KedaJobs.ServiceDefaults;

/// <summary>Logs, metrics and traces to an OTLP endpoint: the Aspire dashboard, the agent of Container Apps, a collector.</summary>
public static class TelemetryExtensions
{
    /// <summary>The activity sources and meters of this solution: <c>KedaJobs.Jobs</c> and so on.</summary>
    private const string OwnSources = "KedaJobs.*";

    /// <summary>The Azure SDK names its sources after its client types.</summary>
    private const string ServiceBusSources = "Azure.Messaging.ServiceBus.*";

    /// <summary>
    /// Exports telemetry when somebody listens: OTEL_EXPORTER_OTLP_ENDPOINT is set and OTEL_SDK_DISABLED is not true (OpenTelemetry's
    /// environment variable specification). Otherwise nothing is set up: an exporter without a
    /// listener delays the end of a process by seconds.
    /// </summary>
    /// <remarks>
    /// Nothing here needs ASP.NET Core, so that a worker can call it. Always turns on the Azure SDK's trace context, so that a message
    /// carries the trace of the request that sent it.
    /// </remarks>
    /// <param name="builder">The application being built.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);

        // The SDK reads the switch once, when its first client is made.
        AppContext.SetSwitch("Azure.Experimental.EnableActivitySource", true);
        if (!IsExported(builder.Configuration))
        {
            return builder;
        }

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(OwnSources)
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation())
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName, OwnSources, ServiceBusSources)
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
        return builder;
    }

    /// <summary>Adds the requests that a web application answers, apart from probes. Needs <see cref="AddTelemetry"/>.</summary>
    /// <param name="builder">The application being built.</param>
    internal static void AddRequestTelemetry(IHostApplicationBuilder builder)
    {
        if (IsExported(builder.Configuration))
        {
            builder.Services.AddOpenTelemetry()
                .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation())
                .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation(options => options.Filter = IsWorthATrace));
        }
    }

    internal static bool IsExported(IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
        && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    // Probes come every few seconds and would bury everything else.
    private static bool IsWorthATrace(HttpContext context) =>
        !context.Request.Path.StartsWithSegments(ServiceDefaultsExtensions.HealthPath)
        && !context.Request.Path.StartsWithSegments(ServiceDefaultsExtensions.AlivePath);
}
