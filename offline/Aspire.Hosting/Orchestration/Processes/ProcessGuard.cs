namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// The command line that runs a program so that it cannot outlive this process, however this process ends. A small shell stands between the two and
/// reads a pipe that only this process holds: a line names a signal for the program, the pipe's end kills the program's whole process group.
/// Program and shell are in sessions of their own, so Ctrl+C in the terminal reaches neither: we decide in which order things stop.
/// </summary>
internal static class ProcessGuard
{
    // The program gets a group of its own (second setsid), so that what it leaves behind can be killed without the guard killing itself before
    // it has told the exit code. Between fork and setsid there is no such group yet: then the process itself is the target. Before it becomes the
    // program, the process says its id: the first line of its output is ours.
    private const string Script = """
        exec 3<&0 </dev/null
        setsid /bin/sh -c 'echo "$$"; exec "$@"' run "$@" 3<&- &
        c=$!
        { while read -r s <&3; do kill -s "$s" "$c"; done; kill -s KILL -- "-$c" || kill -s KILL "$c"; } >/dev/null 2>&1 &
        w=$!
        exec 3<&- 2>/dev/null
        trap '' TERM INT HUP QUIT
        wait "$c"
        s=$?
        kill -s KILL "$w"
        kill -s KILL -- "-$c"
        exit "$s"
        """;

    private static readonly string? Setsid = Executables.Find("setsid", Environment.CurrentDirectory);

    /// <summary>False where the tools are missing (Windows, macOS): there a program is stopped with its process tree, but survives a kill of this process.</summary>
    public static bool IsAvailable => OperatingSystem.IsLinux() && Setsid is not null;

    public static (string FileName, IEnumerable<string> Arguments) Wrap(string fileName, IEnumerable<string> arguments) =>
        (Setsid!, ["/bin/sh", "-c", Script, "guard", fileName, .. arguments]);
}

/// <summary>Finds programs as a shell would.</summary>
internal static class Executables
{
    private static readonly string[] Extensions = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat", ""] : [""];

    /// <summary>The program's full path, or null when there is none of that name.</summary>
    public static string? Find(string command, string workingDirectory)
    {
        var isPath = command.Contains(Path.DirectorySeparatorChar) || command.Contains('/');
        var folders = isPath ? [workingDirectory] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.SelectMany(folder => Extensions.Select(extension => Path.GetFullPath(Path.Combine(folder, command + extension)))).FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) => File.Exists(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
