using System.Collections;
using System.Collections.Concurrent;
using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Hosting.Local.Programs;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local.Processes;

/// <summary>A real .NET host behind the guard, asked to stop in the way of this operating system. Runs on all of them.</summary>
public class GracefulStopTests
{
    private readonly ConcurrentQueue<string> _lines = new();

    [Fact]
    public async Task Net_host_stops_by_itself_when_it_is_asked_to()
    {
        var process = Start();
        await Eventually.SucceedsAsync(
            "the host runs", () => Assert.Contains(_lines, line => line.Contains("Endpoint=sb://", StringComparison.Ordinal)));

        process.Terminate();

        Assert.Equal(0, await Eventually.InTimeAsync("the host's end", process.Exit));
        Assert.DoesNotContain(_lines, line => line.Contains("could not be asked to stop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Net_host_is_gone_when_it_is_killed()
    {
        var process = Start();
        await Eventually.SucceedsAsync(
            "the host runs", () => Assert.Contains(_lines, line => line.Contains("Endpoint=sb://", StringComparison.Ordinal)));

        process.Kill();

        Assert.NotEqual(0, await Eventually.InTimeAsync("the host's end", process.Exit));
    }

    private IReplicaProcess Start()
    {
        // The broker's host program is built beside the tests.
        var program = Path.Combine(Path.GetDirectoryName(typeof(ServiceBusBroker).Assembly.Location)!, "KedaJobs.ServiceBus.Host.dll");
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        return new GuardedStarter(TimeProvider.System).Start(
            new(DotnetHost.Path, ["exec", program, "--port", "0"], Path.GetTempPath(), environment), (line, _) => _lines.Enqueue(line));
    }
}
