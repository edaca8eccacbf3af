using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Orchestration.Processes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>The guard between the host and a program.</summary>
public sealed class HostingGuardTests
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -s KILL $$", 137)]
    public async Task ExitCode_IsThatOfTheProgram(string script, int expected)
    {
        using var process = Start(script, out _);

        Assert.Equal(expected, await Eventually.InTimeAsync("it ends", process.Completion));
    }

    [Fact]
    public async Task ProgramThatIgnoresTheRequest_IsKilledAfterTheGrace()
    {
        using var process = Start("trap '' TERM; echo up; while :; do sleep 0.05; done", out var lines);
        await Eventually.SucceedsAsync("it is up", () => Assert.Equal(["up"], lines.Entries));

        await process.StopAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None).WaitAsync(Eventually.DefaultDeadline);

        Assert.Equal(137, await process.Completion);
    }

    [Fact]
    public async Task WhatTheProgramLeavesBehind_EndsWithIt()
    {
        using var process = Start("sleep 600 & echo $!; exit 0", out var lines);

        Assert.Equal(0, await Eventually.InTimeAsync("it ends", process.Completion));

        await GoneAsync(Assert.Single(lines.Entries));
    }

    [Fact]
    public async Task Kill_EndsTheWholeFamily()
    {
        using var process = Start("sh -c 'sleep 600 & echo $!; wait' & echo $!; wait", out var lines);
        await Eventually.SucceedsAsync("all are there", () => Assert.Equal(2, lines.Entries.Count));

        process.Kill();

        foreach (var pid in lines.Entries)
        {
            await GoneAsync(pid);
        }
    }

    [Fact]
    public async Task Program_HasNoStandardInput_AndASessionOfItsOwn()
    {
        using var process = Start("read -r x; echo \"read $?\"; cut -d' ' -f6 /proc/$$/stat", out var lines);

        await Eventually.InTimeAsync("it ends", process.Completion);

        Assert.Equal("read 1", lines.Entries[0]);
        Assert.NotEqual(SessionOf(Environment.ProcessId), lines.Entries[1]);
    }

    [Fact]
    public async Task LastLineWithoutNewline_IsHandedOver()
    {
        using var process = Start("printf 'no newline'", out var lines);

        await Eventually.InTimeAsync("it ends", process.Completion);

        Assert.Equal(["no newline"], lines.Entries);
    }

    internal static Task GoneAsync(string pid) =>
        Eventually.SucceedsAsync($"process {pid} is gone", () => Assert.False(File.Exists($"/proc/{pid}/cmdline") && File.ReadAllText($"/proc/{pid}/cmdline").Length > 0));

    private static GuardedProcess Start(string script, out Record lines)
    {
        var record = lines = new Record();
        return GuardedProcess.Start(
            new ProcessStart("/bin/sh", ["-c", script], Path.GetTempPath(), ProcessEnvironment.Inherited()), (line, _) => record.Add(line), TimeProvider.System);
    }

    // The sixth field of stat, counted after the name, which may contain spaces.
    private static string SessionOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3];
    }
}
