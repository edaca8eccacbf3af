using System.Runtime.Versioning;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Host;

public sealed class TelemetryExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("export");

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Spans_are_sent_before_the_program_ends_though_clients_are_connected()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        await using var collector = await OtlpCollector.StartAsync();
        var config = _folder.At("Config.json");
        await File.WriteAllTextAsync(config, """{ "UserConfig": { "Namespaces": [ { "Queues": [ { "Name": "orders" } ] } ] } }""");
        await using var broker = await BrokerProcess.StartAsync(
            _folder.At("data"),
            new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                // Nothing is sent while the program runs.
                ["OTEL_BSP_SCHEDULE_DELAY"] = "3600000",
            },
            "--config",
            config);
        await using var client = new ServiceBusClient(broker.ConnectionString);
        await using var another = new ServiceBusClient(broker.ConnectionString);
        foreach (var one in new[] { client, another })
        {
            await one.CreateSender("orders").SendMessageAsync(
                new ServiceBusMessage("1") { ApplicationProperties = { ["Diagnostic-Id"] = $"00-{Trace}-b7ad6b7169203331-01" } });
        }

        Assert.Empty(collector.Spans(Trace));
        await broker.TerminateAsync();

        Assert.Equal(0, broker.ExitCode);
        Assert.Equal(2, collector.Spans(Trace).Count(span => span.Name == "send orders"));
    }
}
