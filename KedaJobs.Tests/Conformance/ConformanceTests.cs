using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Runtime;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Conformance;

/// <summary>The official JavaScript client against the embedded broker: every case of this folder's .mjs files.</summary>
public sealed class ConformanceTests
{
    private static readonly string Cases = Path.Combine(Repository.Root, "KedaJobs.Tests", "Conformance");
    private static readonly string Client = Path.Combine(Repository.Root, ".tools", "conformance");

    [Theory]
    [InlineData("run.mjs")]
    [InlineData("queues.mjs")]
    [InlineData("sessions.mjs")]
    [InlineData("fidelity.mjs")]
    [InlineData("management.mjs")]
    [InlineData("topics.mjs")]
    [InlineData("transports.mjs")]
    public async Task The_official_client_finds_Service_Bus(string file)
    {
        Assert.True(
            File.Exists(Path.Combine(Client, "installed")),
            $"The JavaScript client is not in {Client}: run ./test once, it installs the client there.");
        using var certificate = TestCertificate.Create();
        await using var broker = await ServiceBusBroker.StartAsync(new BrokerOptions { Certificate = certificate });
        var output = await RunAsync(file, broker.ConnectionString, certificate);
        var failures = output.Where(line => line.StartsWith("FAIL", StringComparison.Ordinal)).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', output.Where(line => !line.StartsWith("ok ", StringComparison.Ordinal))));
        Assert.Matches(@"^[1-9]\d* passed, 0 failed$", output[^1]);
    }

    [Fact]
    public void Every_file_of_cases_is_run()
    {
        var run = typeof(ConformanceTests).GetMethod(nameof(The_official_client_finds_Service_Bus))!
            .GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(attribute =>
                ((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)[0].Value);
        Assert.Equal(
            Directory.EnumerateFiles(Cases, "*.mjs").Select(Path.GetFileName).Where(name => name != "harness.mjs").Order(),
            run.Cast<string>().Order());
    }

    /// <summary>Runs a file beside the installed client, where Node.js finds the client's packages.</summary>
    private static async Task<string[]> RunAsync(string file, string connectionString, X509Certificate2 certificate)
    {
        var folder = Path.Combine(Client, $"run-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            foreach (var source in Directory.EnumerateFiles(Cases, "*.mjs"))
            {
                File.Copy(source, Path.Combine(folder, Path.GetFileName(source)));
            }

            var start =
                new ProcessStartInfo("node", Path.Combine(folder, file)) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["SERVICEBUS_CONNECTION_STRING"] = connectionString;
            start.Environment["SERVICEBUS_SECURE_CONNECTION_STRING"] = connectionString.Replace(
                "UseDevelopmentEmulator=true;", "", StringComparison.Ordinal);
            start.Environment["NODE_EXTRA_CA_CERTS"] = Path.Combine(folder, "broker.pem");
            await File.WriteAllTextAsync(Path.Combine(folder, "broker.pem"), certificate.ExportCertificatePem());

            // Node.js 20 has WebSockets only when asked; later ones take the option and ignore it.
            start.Environment["NODE_OPTIONS"] = "--experimental-websocket";

            // One case at a time: it lists all queues page by page, and paging by number skips or doubles while others create and delete.
            if (file == "run.mjs")
            {
                start.Environment["CONFORMANCE_PARALLEL"] = "1";
            }
            using var node = Process.Start(start)!;
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(4));
            await using var kill = deadline.Token.Register(() => node.Kill(entireProcessTree: true));
            var output = node.StandardOutput.ReadToEndAsync();
            var errors = node.StandardError.ReadToEndAsync();
            await node.WaitForExitAsync();
            var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines.Length > 0 ? lines : ["FAIL nothing was run", await errors];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
