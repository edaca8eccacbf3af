using System.Diagnostics;
using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>Our own AppHost published once, by the command line that azd uses, in a process of its own.</summary>
public sealed class PublishedAppHostFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("apphost");

    public string Folder => _folder.FullName;

    public int ExitCode { get; private set; }

    public string Output { get; private set; } = "";

    public JsonObject Resources => Manifest["resources"]!.AsObject();

    public JsonObject Manifest => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "manifest.json")))!.AsObject();

    public async Task InitializeAsync() => (ExitCode, Output) = await PublishAsync(Path.Combine(Folder, "manifest.json"));

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    internal static Task<(int ExitCode, string Output)> PublishAsync(string manifest, params string[] arguments) =>
        RunAsync(["--publisher", "manifest", "--output-path", manifest, .. arguments]);

    internal static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        // The AppHost's own output, beside the tests': KedaJobs.Tests/bin/CONFIGURATION/FRAMEWORK.
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "KedaJobs.Tests"), AppContext.BaseDirectory);
        var assembly = Path.Combine(Repository.Root, "KedaJobs.AppHost", output, "KedaJobs.AppHost.dll");
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "KedaJobs.AppHost"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var standardOutput = process.StandardOutput.ReadToEndAsync();
        var standardError = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Eventually.DefaultDeadline);
        return (process.ExitCode, await standardOutput + await standardError);
    }
}
