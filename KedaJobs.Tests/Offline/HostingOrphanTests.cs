using System.Diagnostics;
using System.Text.RegularExpressions;
using Aspire.Hosting.Projects;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>No process outlives the host, however the host ends.</summary>
public sealed partial class HostingOrphanTests
{
    [Fact]
    public async Task KilledHost_LeavesNoProcess()
    {
        using var host = await RunningHost.StartAsync();

        host.Process.Kill();

        foreach (var pid in host.Family)
        {
            await HostingGuardTests.GoneAsync(pid);
        }
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task SignalledHost_StopsItsProcessesPolitely_AndEndsWithZero(string signal)
    {
        using var host = await RunningHost.StartAsync();

        using var kill = Process.Start("kill", ["-s", signal, host.Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await host.Process.WaitForExitAsync().WaitAsync(Eventually.DefaultDeadline);

        Assert.Equal(0, host.Process.ExitCode);
        await Eventually.SucceedsAsync("its last line is read", () => Assert.Contains("host ended", host.Output.Entries));
        Assert.Contains(host.Output.Entries, line => line.Contains("family says goodbye", StringComparison.Ordinal));
        foreach (var pid in host.Family)
        {
            await HostingGuardTests.GoneAsync(pid);
        }
    }

    private sealed partial class RunningHost : IDisposable
    {
        private RunningHost(Process process) => Process = process;

        public Process Process { get; }

        public Record Output { get; } = new();

        public IReadOnlyList<string> Family => [.. Output.Entries.Select(line => Pid().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];

        public static async Task<RunningHost> StartAsync()
        {
            // A shell that starts the tests in the background has them ignore SIGINT, which their children would inherit.
            var start = new ProcessStartInfo(
                "env", ["--default-signal=INT", ProjectOutput.DotnetPath, typeof(OfflineHostProgram).Assembly.Location, OfflineHostProgram.Argument])
            {
                RedirectStandardOutput = true,
            };
            var host = new RunningHost(Process.Start(start)!);
            host.Process.OutputDataReceived += (_, line) => host.Output.Add(line.Data ?? "");
            host.Process.BeginOutputReadLine();
            await Eventually.SucceedsAsync("the host and its processes run", () =>
            {
                Assert.Equal(2, host.Family.Count);
                Assert.Contains(host.Output.Entries, line => line.Contains("Distributed application started. Press Ctrl+C to shut down.", StringComparison.Ordinal));
            });
            return host;
        }

        public void Dispose()
        {
            Process.Kill(entireProcessTree: true);
            Process.Dispose();
        }

        [GeneratedRegex(@"PID (\d+)$")]
        private static partial Regex Pid();
    }
}
