using System.Reflection;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Projects;

/// <summary>
/// Finds what a project's build has produced. The AppHost's own build has built the projects that it refers to, so that usually nothing remains to be
/// done and the program can be started without asking the SDK, which takes a second or more.
/// </summary>
internal static class ProjectOutput
{
    private static readonly string[] SourceExtensions = [".cs", ".csproj", ".razor", ".cshtml", ".resx"];

    // Two builds at a time would write the outputs of what they both refer to.
    private static readonly SemaphoreSlim OneBuild = new(1);

    /// <summary>The dotnet host that runs this process.</summary>
    public static string DotnetPath { get; } = FindDotnet();

    public static string Configuration(Assembly? appHost) => appHost?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    /// <summary>The program's assembly by convention when it is there and newer than the project's sources; otherwise null.</summary>
    public static string? FindFresh(string projectPath, string configuration)
    {
        var folder = Path.GetDirectoryName(projectPath)!;
        var bin = Path.Combine(folder, "bin", configuration);
        if (!Directory.Exists(bin))
        {
            return null;
        }

        var newest = Directory.EnumerateFiles(bin, Path.GetFileNameWithoutExtension(projectPath) + ".runtimeconfig.json", SearchOption.AllDirectories)
            .Where(f => !IsPublishOutput(bin, f))
            .Select(f => new FileInfo(f[..^".runtimeconfig.json".Length] + ".dll"))
            .Where(f => f.Exists)
            .OrderByDescending(f => f.LastWriteTimeUtc)
            .FirstOrDefault();
        return newest is not null && !Sources(folder).Any(s => s.LastWriteTimeUtc > newest.LastWriteTimeUtc) ? newest.FullName : null;
    }

    /// <summary>Builds the project and finds its program; asks the project where it is when that is not the usual place.</summary>
    /// <exception cref="DistributedApplicationException">The build failed; its output went to <paramref name="log"/>.</exception>
    public static async Task<string> BuildAsync(string projectPath, string configuration, Action<string, bool> log, CancellationToken cancellationToken)
    {
        await OneBuild.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var (exitCode, _) = await DotnetAsync(BuildArguments(projectPath, configuration), log, cancellationToken).ConfigureAwait(false);
            if (exitCode != 0)
            {
                throw new DistributedApplicationException($"The build of '{projectPath}' failed with exit code {exitCode}; see the lines above.");
            }

            if (FindFresh(projectPath, configuration) is { } usual)
            {
                return usual;
            }

            (exitCode, var output) = await DotnetAsync(["msbuild", projectPath, "-nologo", $"-p:Configuration={configuration}", "-getProperty:TargetPath"], log, cancellationToken)
                .ConfigureAwait(false);
            var target = output.LastOrDefault(line => line.Length > 0);
            return exitCode == 0 && File.Exists(target)
                ? target
                : throw new DistributedApplicationException($"'{projectPath}' has been built, but its program was not found at '{target}'. Is it an executable project?");
        }
        finally
        {
            OneBuild.Release();
        }
    }

    public static string[] BuildArguments(string projectPath, string configuration) =>
        ["build", projectPath, "--configuration", configuration, "--nologo", "--verbosity", "quiet", "-clp:NoSummary", "-p:UseSharedCompilation=false", "-nodeReuse:false"];

    private static async Task<(int ExitCode, List<string> Output)> DotnetAsync(string[] arguments, Action<string, bool> log, CancellationToken cancellationToken)
    {
        var isQuestion = arguments[0] == "msbuild";
        List<string> output = [];
        var environment = Orchestration.ProcessEnvironment.Inherited();
        using var process = Orchestration.Processes.GuardedProcess.Start(
            new Orchestration.Processes.ProcessStart(DotnetPath, arguments, Path.GetDirectoryName(arguments[1])!, environment),
            (line, isError) =>
            {
                if (isQuestion && !isError)
                {
                    output.Add(line.Trim());
                }
                else if (!isQuestion)
                {
                    log(line, isError);
                }
            }, TimeProvider.System);
        await using var cancel = cancellationToken.Register(process.Kill);
        var exitCode = await process.Completion.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return (exitCode, output);
    }

    private static IEnumerable<FileInfo> Sources(string folder)
    {
        var skipped = new[] { Path.Combine(folder, "bin") + Path.DirectorySeparatorChar, Path.Combine(folder, "obj") + Path.DirectorySeparatorChar };
        return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(f => SourceExtensions.Contains(f.Extension, StringComparer.OrdinalIgnoreCase) && !skipped.Any(s => f.FullName.StartsWith(s, StringComparison.Ordinal)));
    }

    private static bool IsPublishOutput(string bin, string file) =>
        Path.GetRelativePath(bin, file).Split(Path.DirectorySeparatorChar).Contains("publish", StringComparer.OrdinalIgnoreCase);

    private static string FindDotnet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? name;
    }
}
