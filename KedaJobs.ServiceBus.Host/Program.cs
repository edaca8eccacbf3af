using System.CommandLine;
using System.Runtime.InteropServices;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Host;
using Microsoft.Extensions.Logging;

SocketThreads.RunContinuations();

var port = new Option<int>("--port")
{
    Description = "The TCP port on localhost, for AMQP and the management API; 0 for any free one.",
    DefaultValueFactory = _ => 5672,
};
var config = new Option<FileInfo?>("--config")
{
    Description = "Queues and topics to begin with: a file in the format of the official emulator's Config.json.",
};
var data = new Option<DirectoryInfo?>("--data")
{
    Description = "A folder for everything that must survive a restart. Without it, all is kept in memory.",
};
var key = new Option<string>("--key")
{
    Description = $"The shared access key of {SharedAccessRule.DefaultName}.",
    DefaultValueFactory = _ => SharedAccessRule.DefaultKey,
};
var managementPort = new Option<int?>("--management-port")
{
    Description = "A second TCP port for the management API alone; the official emulator has 5300. 0 for any free one. "
        + "Without it, only --port has it.",
};
var tls = new Option<string?>("--tls")
{
    Description =
        "Also accept clients that connect with TLS, on the same port. Without a value with the development certificate of ASP.NET Core; "
        + "else with a PFX or PEM file.",
    Arity = ArgumentArity.ZeroOrOne,
};
var tlsKey = new Option<string?>("--tls-key") { Description = "The PEM file with the private key, if it is not in the certificate's." };
var tlsPassword = new Option<string?>("--tls-password") { Description = "The password of the certificate's file, or of its key." };
var remote = new Option<bool>("--accept-remote")
{
    Description = "Listen on all addresses, so that containers and other machines can connect. Needs --key with a key of your own.",
};
var verbose = new Option<bool>("--verbose") { Description = "Also say what happens, on standard error." };

var command = new RootCommand("A Service Bus broker for local use: queues and topics over AMQP and the management API, on localhost.")
{
    port, managementPort, config, data, key, tls, tlsKey, tlsPassword, remote, verbose,
};
command.SetAction(async (arguments, cancellationToken) =>
{
    var file = arguments.GetValue(config)?.FullName;
    var declared = EmulatorEntities.None;
    try
    {
        declared = file is null ? EmulatorEntities.None : EmulatorConfiguration.Read(file);
        var options = new BrokerOptions
        {
            Port = arguments.GetValue(port),
            ManagementPort = arguments.GetValue(managementPort),
            Certificate = arguments.GetResult(tls) is null ? null
                : arguments.GetValue(tls) is { } certificate
                    ? BrokerCertificate.Load(certificate, arguments.GetValue(tlsPassword), arguments.GetValue(tlsKey))
                : BrokerCertificate.FindDevelopment(),
            AcceptRemoteConnections = arguments.GetValue(remote),
            Queues = declared.Queues,
            Topics = declared.Topics,
            Rules = [SharedAccessRule.Default with { Key = arguments.GetRequiredValue(key) }],
            DataDirectory = arguments.GetValue(data)?.FullName,
        };
        return await RunAsync(options, arguments.GetValue(verbose), cancellationToken);
    }
    catch (BrokerStartException refused) when (file is not null && refused.MissingTargets.Count > 0)
    {
        await Console.Error.WriteLineAsync(declared.Explain(file, refused.MissingTargets));
        return 1;
    }
    catch (Exception refused) when (refused is BrokerStartException or ArgumentException or ConfigurationException)
    {
        // Without the name of a parameter that nobody sees here.
        await Console.Error.WriteLineAsync(refused.Message.Replace(" (Parameter 'options')", "", StringComparison.Ordinal));
        return 1;
    }
});
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static async Task<int> RunAsync(BrokerOptions options, bool verbose, CancellationToken cancellationToken)
{
    using var loggers = LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Warning);
        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });

    await using var telemetry = TelemetryExport.Start();

    // Signals before the start: a stop right after the first line of output must end the process cleanly.
    var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    await using var registration = cancellationToken.Register(() => stop.TrySetResult());

    await using var broker = await ServiceBusBroker.StartAsync(options, loggers, cancellationToken: cancellationToken);
    Console.WriteLine(broker.ConnectionString);
    // A broker whose data directory fails has said so and stopped; whoever watches over this process starts another.
    return await Task.WhenAny(stop.Task, broker.Failure) == broker.Failure ? 1 : 0;

    void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.TrySetResult();
    }
}
