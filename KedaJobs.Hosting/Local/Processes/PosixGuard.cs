namespace KedaJobs.Hosting.Local.Processes;

/// <summary>
/// How a program is started on Linux and macOS so that it cannot outlive this process, however this process dies.
/// </summary>
/// <remarks>
/// A shell becomes leader of a session of its own, leaves a watcher behind and turns into the program (exec), so the id, the exit code and
/// the signals of the started process are the program's own. The watcher reads the pipe that this process holds open: when the pipe closes,
/// by intention or because this process is gone (kill -9 included), it kills the whole group, grandchildren too. Asking for the end goes
/// through the same pipe: as long as the watcher lives, the id of its group cannot be given to another process, so no signal can go astray.
/// A program that makes itself a session of its own escapes.
/// </remarks>
internal static class PosixGuard
{
    /// <summary>The line that makes the watcher send SIGTERM to the program.</summary>
    public const string Terminate = "term";

    private static readonly string? Setsid = FindOnPath("setsid");
    private static readonly string? Perl = FindOnPath("perl");

    /// <summary>The command line that starts the program behind a guard.</summary>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cleanUp">The command line that the watcher runs before it kills the group; empty for none.</param>
    public static IEnumerable<string> CommandLine(string fileName, IEnumerable<string> arguments, IEnumerable<string> cleanUp)
    {
        var session = NewSession();
        // Without a session of its own the group is this process's: then only the program itself can be killed.
        var victim = session.Length > 0 ? "0" : "$$";
        return [.. session, "/bin/sh", "-c", Script(victim, string.Join(' ', cleanUp.Select(Quote))), "guard", fileName, .. arguments];
    }

    // Inside the braces $$ is still the shell that becomes the program. A background command's standard input would be /dev/null: hence 3.
    private static string Script(string victim, string cleanUp)
    {
        var end = $"{(cleanUp.Length > 0 ? cleanUp + ";" : "")} kill -KILL {victim}";
        return
            $$"""
            exec 3<&0
            { while read -r line; do [ "$line" = {{Terminate}} ] && kill -TERM $$; done; {{end}}; } <&3 >/dev/null 2>&1 &
            exec "$@" </dev/null 3<&-
            """;
    }

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // util-linux and busybox have setsid; macOS has not, but brings perl.
    private static string[] NewSession() =>
        Setsid is not null ? [Setsid]
        : Perl is not null ? [Perl, "-e", "use POSIX 'setsid'; setsid(); exec @ARGV or exit 127"]
        : [];

    private static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
