namespace KedaJobs.Hosting.Local.Programs;

/// <summary>Looks commands up as a shell does.</summary>
internal static class CommandPath
{
    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    // On Windows a name stands for any of these; a file is what its extension says.
    private static readonly IReadOnlyList<string> Extensions = OperatingSystem.IsWindows()
        ? ["", .. (Environment.GetEnvironmentVariable("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD")
            .Split(';', StringSplitOptions.RemoveEmptyEntries)]
        : [""];

    /// <summary>Whether a command is looked up on PATH.</summary>
    public static bool IsBare(string command) => command.IndexOfAny(Separators) < 0;

    /// <summary>The file that a command means.</summary>
    /// <param name="command">A name, or a path relative to the working directory.</param>
    /// <param name="workingDirectory">An absolute path.</param>
    /// <returns>An absolute path; null if there is no such file that can be executed.</returns>
    public static string? Find(string command, string workingDirectory) => IsBare(command)
        ? (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => FindFile(Path.Combine(folder, command)))
            .FirstOrDefault(file => file is not null)
        : FindFile(Path.GetFullPath(command, workingDirectory));

    private static string? FindFile(string path) => Extensions.Select(extension => path + extension).FirstOrDefault(IsExecutable);

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            ? Path.HasExtension(path)
            : (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
