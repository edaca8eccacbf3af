using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local.Processes;

public sealed class GuardedProcessTests : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly List<IReplicaProcess> _started = [];

    [UnixFact]
    public async Task Output_exit_code_and_environment_are_the_programs_own()
    {
        var process = Start("echo to-out $ONLY$HOME; echo to-err >&2; exit 7");

        Assert.Equal(7, await EndOf(process));
        Assert.Equal(["E:to-err", "O:to-out this"], _lines.Order());
    }

    [UnixFact]
    public async Task Process_id_is_the_programs_own()
    {
        var process = Start("echo $$");

        await EndOf(process);

        Assert.Equal($"O:{process.Id}", Assert.Single(_lines));
    }

    [UnixFact]
    public async Task Last_lines_and_lines_without_end_are_there_with_the_exit()
    {
        var process = Start("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; printf last");

        await EndOf(process);

        Assert.Equal(5001, _lines.Count);
        Assert.Equal("O:last", _lines.Last());
    }

    [UnixFact]
    public async Task Standard_input_is_empty() => Assert.Equal(1, await EndOf(Start("read -r line")));

    [UnixFact]
    public async Task Terminate_reaches_the_program_alone()
    {
        var process = Start("trap 'echo asked; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
        await Line("O:ready");

        process.Terminate();

        Assert.Equal(5, await EndOf(process));
        Assert.Contains("O:asked", _lines);
    }

    [UnixFact]
    public async Task Program_that_ends_by_signal_says_which()
    {
        var process = Start("kill -9 $$");

        Assert.Equal(137, await EndOf(process));
    }

    [UnixFact]
    public async Task Kill_takes_grandchildren_along()
    {
        var process = Start("trap '' TERM; sleep 1000 & echo child $!; wait");
        var child = await ChildAsync();

        process.Kill();

        Assert.Equal(137, await EndOf(process));
        await IsGoneAsync(child);
    }

    [UnixFact]
    public async Task End_of_the_program_takes_grandchildren_along_and_does_not_wait_for_their_output()
    {
        var process = Start("sleep 1000 & echo child $!; exit 0");

        Assert.Equal(0, await EndOf(process));

        await IsGoneAsync(await ChildAsync());
    }

    [UnixFact]
    public async Task Descendant_that_outlives_its_execution_is_no_longer_heard_and_costs_no_descriptor()
    {
        var noticed = Path.Combine(Path.GetTempPath(), $"kedajobs-{Guid.NewGuid():N}");
        // In a session of its own the guard does not reach it. It notices when nobody reads any more: its writes fail.
        const string Descendant = "trap '' PIPE; : > \"$NOTICED.up\"; while echo late; do sleep 0.05; done 2>/dev/null; : > \"$NOTICED\"";
        var process = Start(
            $"NOTICED={noticed} setsid sh -c {Quote(Descendant)} & echo own; while [ ! -e {noticed}.up ]; do sleep 0.02; done; exit 3");

        Assert.Equal(3, await EndOf(process));
        var lines = _lines.Count;
        Assert.Contains("O:own", _lines);
        Assert.StartsWith("E:A process that the worker left behind", _lines.Last(), StringComparison.Ordinal);

        await Eventually.SucceedsAsync("the descendant notices", () => Assert.True(File.Exists(noticed)));
        Assert.Equal(lines, _lines.Count);
        File.Delete(noticed);
        File.Delete($"{noticed}.up");
    }

    [UnixFact]
    public async Task Many_replicas_are_read_by_one_thread()
    {
        var processes = Enumerable.Range(1, 8).Select(number => Start($"echo ready {number}; sleep 1000")).ToList();
        await Eventually.SucceedsAsync(
            "all are heard", () => Assert.Equal(8, _lines.Count(line => line.StartsWith("O:ready", StringComparison.Ordinal))));

        if (OperatingSystem.IsLinux())
        {
            Assert.Single(Directory.GetDirectories("/proc/self/task"), task => NameOf(task) == "replica output");
        }

        processes.ForEach(process => process.Kill());
        await Task.WhenAll(processes.Select(EndOf));
    }

    [UnixFact]
    public async Task After_the_end_terminate_and_kill_do_nothing()
    {
        var process = Start("exit 0");
        await EndOf(process);

        process.Terminate();
        process.Kill();

        Assert.Equal(0, await process.Exit);
    }

    [UnixFact]
    public async Task Later_process_does_not_hold_the_guard_of_an_earlier_one()
    {
        var first = Start("sleep 1000 & echo child $!; wait");
        var child = await ChildAsync();
        Start("sleep 1000");

        first.Kill();

        await EndOf(first);
        await IsGoneAsync(child);
    }

    [UnixFact]
    public void Missing_program_says_so_on_its_output()
    {
        // The shell is there, the program is not: shells answer 127.
        var process = new GuardedStarter(TimeProvider.System).Start(new("/no/such/program", [], "/", Environment()), Add);

        Assert.Equal(127, process.Exit.WaitAsync(Eventually.DefaultDeadline).GetAwaiter().GetResult());
        Assert.Contains("not found", Assert.Single(_lines), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Host_killed_hard_takes_everything_along()
    {
        // A host in our place: a process that holds the writing end of the guard's pipe, and is killed alone.
        var guarded = PosixGuard.CommandLine("/bin/sh", ["-c", "trap '' TERM HUP INT; sleep 1000 & echo child $!; wait"], []).Select(Quote);
        var info = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add($"sh -c 'echo $$ >&2; exec sleep 1000' | {string.Join(' ', guarded)}");
        using var shell = Process.Start(info)!;
        var host = Number(await Eventually.InTimeAsync("the host's id", shell.StandardError.ReadLineAsync()));
        var child = Number((await Eventually.InTimeAsync("the child's id", shell.StandardOutput.ReadLineAsync()))?.Replace(
            "child ", "", StringComparison.Ordinal));
        Assert.True(IsAlive(child));

        using (var process = Process.GetProcessById(host))
        {
            process.Kill();
        }

        await IsGoneAsync(child);
        await Eventually.InTimeAsync("the guarded program's end", shell.StandardOutput.ReadToEndAsync());
    }

    public void Dispose()
    {
        foreach (var process in _started)
        {
            process.Kill();
        }
    }

    private static string Quote(string argument) => $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static Dictionary<string, string> Environment() => new()
    {
        ["PATH"] = System.Environment.GetEnvironmentVariable("PATH")!,
        ["ONLY"] = "this",
    };

    private IReplicaProcess Start(string script)
    {
        var process = new GuardedStarter(TimeProvider.System).Start(new("/bin/sh", ["-c", script], Path.GetTempPath(), Environment()), Add);
        _started.Add(process);
        return process;
    }

    private void Add(string line, bool isError) => _lines.Enqueue((isError ? "E:" : "O:") + line);

    private static Task<int> EndOf(IReplicaProcess process) => Eventually.InTimeAsync("the process's end", process.Exit);

    private Task Line(string line) => Eventually.SucceedsAsync($"the line {line}", () => Assert.Contains(line, _lines));

    private async Task<int> ChildAsync()
    {
        const string Prefix = "O:child ";
        await Eventually.SucceedsAsync(
            "the child's id", () => Assert.Contains(_lines, line => line.StartsWith(Prefix, StringComparison.Ordinal)));
        return Number(_lines.First(line => line.StartsWith(Prefix, StringComparison.Ordinal))[Prefix.Length..]);
    }

    private static int Number(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);

    private static Task IsGoneAsync(int processId) =>
        Eventually.SucceedsAsync($"process {processId} is gone", () => Assert.False(IsAlive(processId)));

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The name of a thread of this process, or null if it has ended meanwhile.</summary>
    private static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
