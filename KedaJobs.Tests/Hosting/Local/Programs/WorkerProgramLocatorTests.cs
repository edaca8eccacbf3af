using System.Reflection;
using KedaJobs.Hosting.Local.Programs;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local.Programs;

public sealed class WorkerProgramLocatorTests : IDisposable
{
    private static readonly Assembly AppHost = typeof(WorkerProgramLocatorTests).Assembly;
    private static readonly string Configuration = AppHost.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private readonly TemporaryFolder _folder = new("program");

    private string Project => _folder.At("Worker.csproj");

    [Fact]
    public async Task Usual_folder_is_taken_without_MSBuild()
    {
        // Not a project that MSBuild could read.
        Write("Worker.csproj", "not XML");
        var target = Build();

        var program = await LocateAsync();

        Assert.Equal(["exec", target], program.LeadingArguments);
        Assert.Equal("dotnet", Path.GetFileNameWithoutExtension(program.FileName));
        Assert.Equal(_folder.FullName, program.WorkingDirectory);
        Assert.True(program.Exists());
    }

    [Fact]
    public async Task Self_contained_program_runs_by_itself()
    {
        Write("Worker.csproj", "not XML");
        var target = Build(
            """{ "runtimeOptions": { "includedFrameworks": [ { "name": "Microsoft.NETCore.App", "version": "10.0.0" } ] } }""");

        var program = await LocateAsync();

        Assert.Empty(program.LeadingArguments);
        Assert.Equal(Path.ChangeExtension(target, OperatingSystem.IsWindows() ? ".exe" : null), program.FileName);
    }

    [Fact]
    public async Task Output_elsewhere_is_found_through_MSBuild_with_the_AppHosts_configuration()
    {
        Write("Worker.csproj", """
            <Project>
              <PropertyGroup><TargetPath>$(MSBuildProjectDirectory)/artifacts/$(Configuration)/Worker.dll</TargetPath></PropertyGroup>
            </Project>
            """);
        // Left behind by an earlier layout: older than what was compiled last.
        var stale = Build();
        File.SetLastWriteTimeUtc(stale, File.GetLastWriteTimeUtc(stale) - TimeSpan.FromHours(1));
        Write($"artifacts/{Configuration}/Worker.dll", "");
        Write($"artifacts/{Configuration}/Worker.runtimeconfig.json", "{}");

        var program = await LocateAsync();

        Assert.Equal(_folder.At("artifacts", Configuration, "Worker.dll"), Path.GetFullPath(program.LeadingArguments[1]));
    }

    [Fact]
    public async Task Not_built_says_how_to_build()
    {
        Write(
            "Worker.csproj",
            "<Project><PropertyGroup><TargetPath>$(MSBuildProjectDirectory)/Worker.dll</TargetPath></PropertyGroup></Project>");

        var failure = await Assert.ThrowsAsync<WorkerProgramException>(LocateAsync);

        Assert.StartsWith("The worker is not built", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith($"dotnet build {Project} --configuration {Configuration}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_single_output_says_so()
    {
        Write("Worker.csproj", "<Project />");

        var failure = await Assert.ThrowsAsync<WorkerProgramException>(LocateAsync);

        Assert.StartsWith($"MSBuild does not say where {Project} is built to", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_project_says_so()
    {
        var failure = await Assert.ThrowsAsync<WorkerProgramException>(LocateAsync);

        Assert.StartsWith($"The project {Project} does not exist", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<WorkerProgram> LocateAsync() => new WorkerProgramLocator(Project, AppHost).LocateAsync(CancellationToken.None);

    private string Build(string settings = "{}")
    {
        Write($"obj/{Configuration}/net10.0/Worker.dll", "");
        Write($"bin/{Configuration}/net10.0/Worker.runtimeconfig.json", settings);
        return Write($"bin/{Configuration}/net10.0/Worker.dll", "");
    }

    private string Write(string path, string content)
    {
        var file = Path.GetFullPath(_folder.At(path));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }
}
