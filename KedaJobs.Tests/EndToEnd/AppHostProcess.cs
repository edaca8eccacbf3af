using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>
/// The AppHost as a process of its own, started as <c>dotnet run</c> starts it, with dashboard and orchestrator, to be ended from outside.
/// </summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    /// <summary>Every process that the AppHost leads to inherits it.</summary>
    private const string Mark = "KEDAJOBS_TEST_FAMILY";

    /// <summary>Built with the tests' configuration; not their copy of it, which has no settings file beside it.</summary>
    private static readonly string Program =
        AppContext.BaseDirectory.Replace("KedaJobs.Tests", "KedaJobs.AppHost", StringComparison.Ordinal)
            + "KedaJobs.AppHost.dll";

    private readonly Process _process;
    private readonly string _family;
    private readonly ConcurrentQueue<string> _lines = new();

    private AppHostProcess(Process process, string family)
    {
        (_process, _family) = (process, family);
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has written so far.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public int ExitCode => _process.ExitCode;

    /// <summary>The link that it prints, with which a browser enters the dashboard.</summary>
    public string LoginUrl => Lines.SelectMany(line => line.Split(' ')).First(word => word.Contains("/login?t=", StringComparison.Ordinal));

    /// <summary>Starts an AppHost whose worker has one execution that waits for messages that do not come.</summary>
    public static async Task<AppHostProcess> StartAsync()
    {
        var family = Guid.NewGuid().ToString("N");

        // A shell that starts the tests in the background has them ignore SIGINT, which their children would inherit.
        var start = new ProcessStartInfo(
            "env",
            ["--default-signal=INT", "dotnet", Program, "--DcpPublisher:RandomizePorts=true", "--KedaJobs:Jobs:worker:MinExecutions=1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(Repository.Root, "KedaJobs.AppHost"),
        };
        var ports = FreePorts(3);
        start.Environment[Mark] = family;
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = $"http://localhost:{ports[0]}";
        start.Environment["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{ports[1]}";
        start.Environment["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{ports[2]}";
        start.Environment["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
        start.Environment["QueueJob__IdleTime"] = "00:05:00";
        start.Environment["QueueJob__ShutdownGrace"] = "00:00:01";

        var host = new AppHostProcess(Process.Start(start)!, family);
        try
        {
            var started = Eventually.SucceedsAsync(
                "the AppHost has started, and the worker's process runs",
                () =>
                {
                    Assert.Contains(host.Lines, line => line.Contains("Distributed application started.", StringComparison.Ordinal));
                    Assert.Contains(host.Family(), command => command.Contains("KedaJobs.Worker.dll", StringComparison.Ordinal));

                    // The producer itself: the `dotnet run` before it, ended while it starts the producer, would leave it behind.
                    Assert.Contains(host.Family(), command => command.Contains("/KedaJobs.Producer/bin/", StringComparison.Ordinal));
                },
                AppHostFixture.Patience);
            if (await Task.WhenAny(started, host.EndAsync()) != started)
            {
                throw new InvalidOperationException($"It ended with exit code {host.ExitCode}.");
            }

            await started;
            return host;
        }
        catch (Exception failure)
        {
            var lines = string.Join(Environment.NewLine, host.Lines);
            await host.DisposeAsync();
            throw new InvalidOperationException($"The AppHost did not start. It wrote:{Environment.NewLine}{lines}", failure);
        }
    }

    /// <summary>The command lines of all processes that this AppHost led to and that still run, with their ids.</summary>
    public IReadOnlyList<string> Family() => [.. Process.GetProcesses().Select(Describe).OfType<string>()];

    [UnsupportedOSPlatform("windows")]
    public void Signal(string name) => Signals.Send(_process, name);

    public Task<bool> EndedAsync() => Eventually.InTimeAsync("the AppHost ends", EndAsync(), TimeSpan.FromMinutes(1));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<bool> EndAsync()
    {
        await _process.WaitForExitAsync();
        return true;
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }

    /// <summary>
    /// The process's command line if it belongs to the family. One that has ended and waits for its parent has no environment.
    /// </summary>
    private string? Describe(Process process)
    {
        using (process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/environ").Contains($"{Mark}={_family}", StringComparison.Ordinal)
                    ? $"{process.Id}: {File.ReadAllText($"/proc/{process.Id}/cmdline").Replace('\0', ' ')}"
                    : null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has gone in the meantime, or belongs to somebody else.
                return null;
            }
        }
    }

    /// <summary>Ports that nobody listens on at this moment.</summary>
    public static int[] FreePorts(int count)
    {
        var probes = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var probe in probes)
        {
            probe.Start();
        }

        var ports = probes.Select(probe => ((IPEndPoint)probe.LocalEndpoint).Port).ToArray();
        probes.ForEach(probe => probe.Dispose());
        return ports;
    }
}
