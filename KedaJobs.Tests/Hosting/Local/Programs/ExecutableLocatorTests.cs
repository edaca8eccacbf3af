using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Local.Programs;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local.Programs;

public sealed class ExecutableLocatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("executable");

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Bare_name_is_found_on_path()
    {
        var program = await LocateAsync("sh");

        Assert.EndsWith("/sh", program.FileName, StringComparison.Ordinal);
        Assert.True(Path.IsPathRooted(program.FileName));
        Assert.Equal(_folder.FullName, program.WorkingDirectory);
        Assert.Empty(program.LeadingArguments);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Path_is_relative_to_the_working_directory()
    {
        Directory.CreateDirectory(_folder.At("bin"));
        var file = _folder.At("bin", "worker");
        await File.WriteAllTextAsync(file, "#!/bin/sh\n");
        Assert.StartsWith(
            $"The command {file} of 'script' does not exist, or is not executable.", await FailureAsync("./bin/worker"),
            StringComparison.Ordinal);

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal(file, (await LocateAsync("bin/worker")).FileName);
        Assert.Equal(file, (await LocateAsync(file)).FileName);
    }

    [Fact]
    public async Task Name_that_is_not_on_path_is_named_with_its_cure() => Assert.Equal(
        "The command 'kedajobs-no-such-command' of 'script' is not on PATH. Install it, or pass its full path.",
        await FailureAsync("kedajobs-no-such-command"));

    [Fact]
    public async Task Working_directory_that_does_not_exist_is_named()
    {
        var missing = _folder.At("missing");

        var failure = await Assert.ThrowsAsync<WorkerProgramException>(
            () => new ExecutableLocator(new("script", "sh", missing)).LocateAsync(default));

        Assert.StartsWith($"The working directory {missing} of 'script' does not exist.", failure.Message, StringComparison.Ordinal);
    }

    private Task<WorkerProgram> LocateAsync(string command) =>
        new ExecutableLocator(new ExecutableResource("script", command, _folder.FullName)).LocateAsync(default);

    private async Task<string> FailureAsync(string command) =>
        (await Assert.ThrowsAsync<WorkerProgramException>(() => LocateAsync(command))).Message;
}
