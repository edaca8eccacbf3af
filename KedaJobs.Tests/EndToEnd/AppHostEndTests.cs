using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>However the AppHost ends, no process of ours and none of Aspire's orchestrator outlives it.</summary>
[Collection(AloneCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed partial class AppHostEndTests
{
    /// <summary>Aspire's orchestrator looks for its AppHost every few seconds.</summary>
    private static readonly TimeSpan OrchestratorPatience = TimeSpan.FromSeconds(60);

    [LinuxFact]
    public async Task A_killed_AppHost_leaves_no_process()
    {
        await using var host = await AppHostProcess.StartAsync();
        Assert.NotEmpty(host.Family());

        host.Signal("KILL");

        await host.EndedAsync();
        await NothingIsLeftAsync(host);
    }

    [LinuxTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signalled_AppHost_stops_its_executions_and_its_broker_in_order_and_exits_with_0(string signal)
    {
        await using var host = await AppHostProcess.StartAsync();

        host.Signal(signal);

        await host.EndedAsync();
        await NothingIsLeftAsync(host);
        Assert.Equal(0, host.ExitCode);
        await Eventually.SucceedsAsync("the last lines are read", () =>
        {
            var ended = LineOf(host, "worker: execution worker-", "ended: Stopped");
            Assert.True(ended < LineOf(host, "Service Bus broker has stopped"), "the broker stopped before the execution");
        });
        AssertIsQuiet(host.Lines);
    }

    /// <summary>
    /// Aspire's own lines, the broker's start and end, each execution's start and end; nothing that
    /// asks for attention, nothing for each poll.
    /// </summary>
    private static void AssertIsQuiet(IReadOnlyList<string> lines)
    {
        var headings = lines.Where(line => Heading().IsMatch(line)).ToList();
        Assert.True(headings.TrueForAll(line => Expected().IsMatch(line)), string.Join(Environment.NewLine, lines));
        Assert.Single(lines, line => line.Contains("Service Bus broker listens on localhost:", StringComparison.Ordinal));
        Assert.Equal(2, headings.Count(line => line.StartsWith("info: KedaJobs.ServiceBus[", StringComparison.Ordinal)));
        Assert.Equal(2, headings.Count(line => line.StartsWith("info: KedaJobs.Hosting[", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^info: (Aspire\.Hosting\.DistributedApplication|KedaJobs\.ServiceBus|KedaJobs\.Hosting)\[")]
    private static partial Regex Expected();

    /// <summary>"info: Some.Category[3]", above each line that the console logger writes.</summary>
    [GeneratedRegex(@"^[a-z]{4}: [\w.]+\[\d+\]$")]
    private static partial Regex Heading();

    private static Task NothingIsLeftAsync(AppHostProcess host) =>
        Eventually.SucceedsAsync("no process of the AppHost is left", () => Assert.Empty(host.Family()), OrchestratorPatience);

    private static int LineOf(AppHostProcess host, params string[] parts)
    {
        var lines = host.Lines.ToList();
        var index = lines.FindIndex(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));
        Assert.True(
            index >= 0,
            $"no line with '{string.Join("' and '", parts)}' in:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
        return index;
    }
}
