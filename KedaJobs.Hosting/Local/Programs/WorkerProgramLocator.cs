using System.Diagnostics;
using System.Reflection;
using System.Runtime.Versioning;
using System.Text.Json;

namespace KedaJobs.Hosting.Local.Programs;

/// <summary>
/// Finds the built output of a worker's project. Executions start from it directly: a build or a project evaluation for each of them would
/// cost more than most executions.
/// </summary>
/// <remarks>
/// The AppHost references the worker's project, so one build of the AppHost has built both with the same configuration.
/// Where the project keeps the usual folder for it, that folder is taken; otherwise (artifacts folder, several target
/// frameworks, own paths) MSBuild is asked, once.
/// </remarks>
internal sealed class WorkerProgramLocator(string projectPath, Assembly? appHost) : IWorkerProgramLocator
{
    private readonly string _configuration =
        appHost?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration is { Length: > 0 } configuration
            ? configuration
            : "Debug";

    private readonly string? _targetFramework =
        appHost?.GetCustomAttribute<TargetFrameworkAttribute>() is { } attribute ? ShortName(attribute.FrameworkName) : null;

    /// <exception cref="WorkerProgramException">The project is not built, or nothing that can be run.</exception>
    public async Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(projectPath))
        {
            throw new WorkerProgramException($"The project {projectPath} does not exist. Correct the path passed to AddProject.");
        }

        var target = UsualTarget() ?? await AskMSBuildAsync(cancellationToken).ConfigureAwait(false);
        return Describe(target);
    }

    /// <summary>The assembly in the usual folder, if it is what the last build of this configuration made.</summary>
    private string? UsualTarget()
    {
        if (_targetFramework is null)
        {
            return null;
        }

        var folder = Path.GetDirectoryName(projectPath)!;
        var assembly = Path.GetFileNameWithoutExtension(projectPath) + ".dll";
        var built = Path.Combine(folder, "bin", _configuration, _targetFramework, assembly);
        var compiled = Path.Combine(folder, "obj", _configuration, _targetFramework, assembly);
        return File.Exists(built) && File.Exists(compiled) && File.GetLastWriteTimeUtc(built) >= File.GetLastWriteTimeUtc(compiled)
            ? built
            : null;
    }

    private async Task<string> AskMSBuildAsync(CancellationToken cancellationToken)
    {
        string[] arguments =
            ["msbuild", projectPath, "-getProperty:TargetPath", $"-property:Configuration={_configuration}", "-nologo", "-nodeReuse:false"];
        var msbuild = new ProcessStartInfo(DotnetHost.Path, arguments) { WorkingDirectory = Path.GetDirectoryName(projectPath)! };
        ToolRun run;
        try
        {
            run = await ToolRun.OfAsync(msbuild, cancellationToken).ConfigureAwait(false);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new WorkerProgramException(
                $"'{msbuild.FileName}' could not be run to find the worker's build output: {exception.Message}", exception);
        }

        var target = run.Output.Trim();
        return run.ExitCode == 0 && target.Length > 0
            ? target
            : throw new WorkerProgramException(
                $"MSBuild does not say where {projectPath} is built to (a project with several target frameworks has no single output): "
                + (target + run.Error).ReplaceLineEndings(" ").Trim());
    }

    private WorkerProgram Describe(string target)
    {
        var settings = Path.ChangeExtension(target, ".runtimeconfig.json");
        if (!File.Exists(target) || !File.Exists(settings))
        {
            throw new WorkerProgramException(
                $"The worker is not built: {target} is missing or not an executable project. Build the AppHost, which references it, "
                + $"or run: dotnet build {projectPath} --configuration {_configuration}");
        }

        // Like Aspire for the projects it starts itself.
        var workingDirectory = Path.GetDirectoryName(projectPath)!;
        return IsSelfContained(settings)
            ? new(Path.ChangeExtension(target, OperatingSystem.IsWindows() ? ".exe" : null), [], workingDirectory) { Target = target }
            : new(DotnetHost.Path, ["exec", target], workingDirectory) { Target = target };
    }

    private static bool IsSelfContained(string settings)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(settings));
            return document.RootElement.TryGetProperty("runtimeOptions", out var options)
                && options.TryGetProperty("includedFrameworks", out _);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new WorkerProgramException(
                $"{settings} could not be read. If a build is in progress, wait for it to finish; otherwise build the worker again. "
                    + $"{exception.Message}", exception);
        }
    }

    /// <summary>".NETCoreApp,Version=v10.0" is the folder "net10.0".</summary>
    private static string? ShortName(string frameworkName)
    {
        var name = new FrameworkName(frameworkName);
        return name.Identifier == ".NETCoreApp" ? $"net{name.Version.Major}.{name.Version.Minor}" : null;
    }
}
