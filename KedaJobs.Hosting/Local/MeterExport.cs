using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.ServiceBus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KedaJobs.Hosting.Local;

/// <summary>
/// Sends what the local KEDA and the embedded broker measure, and the broker's spans, to the dashboard, where it appears under the
/// AppHost's name: both live in the AppHost's process, which Aspire itself does not export from.
/// </summary>
/// <remarks>Where and how is asked of Aspire, in the way in which it tells the resources.</remarks>
internal sealed class MeterExport(
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    IConfiguration configuration,
    IHostEnvironment host,
    ILogger<MeterExport> log) : IHostedService, IDisposable
{
    private const string DashboardName = "aspire-dashboard";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Headers = "OTEL_EXPORTER_OTLP_HEADERS";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const int FlushMilliseconds = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private MeterProvider? _provider;
    private TracerProvider? _traces;

    public static void AddTo(IDistributedApplicationBuilder builder) =>
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MeterExport>());

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (model.Resources.All(resource => resource.Name != DashboardName))
        {
            return;
        }

        var process = new AppHostProcess();
        OtlpConfigurationExtensions.AddOtlpEnvironment(process, configuration, host);
        var settings = await ExecutionConfigurationBuilder.Create(process)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(executionContext, log, cancellationToken)
            .ConfigureAwait(false);
        var variables = settings.EnvironmentVariables.ToDictionary(variable => variable.Key, variable => variable.Value);
        if (!Uri.TryCreate(variables.GetValueOrDefault(Endpoint), UriKind.Absolute, out var endpoint))
        {
            return;
        }

        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService(host.ApplicationName, autoGenerateServiceInstanceId: false))
            .AddMeter(ScalingMetrics.MeterName, ServiceBusBroker.MeterName)
            .AddOtlpExporter((exporter, reader) =>
            {
                Configure(exporter, "/v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)Interval.TotalMilliseconds;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService(host.ApplicationName, autoGenerateServiceInstanceId: false))
            .AddSource(ServiceBusBroker.ActivitySourceName)
            .AddOtlpExporter(exporter => Configure(exporter, "/v1/traces"))
            .Build();

        void Configure(OtlpExporterOptions exporter, string path)
        {
            var isHttp = variables.GetValueOrDefault(Protocol) == "http/protobuf";
            exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
            exporter.Endpoint = isHttp ? new Uri(endpoint, path) : endpoint;
            exporter.Headers = variables.GetValueOrDefault(Headers);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _provider?.Shutdown(FlushMilliseconds);
        _traces?.Shutdown(FlushMilliseconds);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _provider?.Dispose();
        _traces?.Dispose();
    }

    /// <summary>What Aspire is asked about; not part of the application.</summary>
    private sealed class AppHostProcess() : Aspire.Hosting.ApplicationModel.Resource("apphost"), IResourceWithEnvironment;
}
