using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KedaJobs.ServiceBus.Host;

/// <summary>
/// Sends the broker's metrics and spans to where OpenTelemetry's own variables say (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and the others of
/// the specification); without an endpoint it does nothing.
/// </summary>
internal sealed class TelemetryExport : IAsyncDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string DefaultName = "kedajobs-servicebus";

    private readonly MeterProvider _metrics = Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(Name)
        .AddMeter(ServiceBusBroker.MeterName)
        .AddOtlpExporter()
        .Build();

    private readonly TracerProvider _traces = Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(Name)
        .AddSource(ServiceBusBroker.ActivitySourceName)
        .AddOtlpExporter()
        .Build();

    private TelemetryExport()
    {
    }

    /// <summary>Begins to send, if the environment says where to.</summary>
    public static TelemetryExport? Start() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint)) ? null : new TelemetryExport();

    /// <summary>
    /// Sends what there is, and ends. The exporters block until that is done, which no thread of the sockets may: see
    /// <see cref="SocketThreads"/>.
    /// </summary>
    public ValueTask DisposeAsync() => new(Task.Run(() =>
    {
        _metrics.Dispose();
        _traces.Dispose();
    }));

    private static void Name(ResourceBuilder resource) =>
        resource.AddService(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } name ? name : DefaultName);
}
