using System.Text.Json.Nodes;
using Aspire.Hosting;

namespace KedaJobs.Tests.Support;

/// <summary>What publishing a model leaves in a folder: the manifest, and the Bicep modules beside it.</summary>
internal sealed class Published : IDisposable
{
    private readonly TemporaryFolder _folder;

    private Published(TemporaryFolder folder, JsonObject manifest)
    {
        _folder = folder;
        Manifest = manifest;
    }

    public string Folder => _folder.FullName;

    public JsonObject Manifest { get; }

    /// <summary>What was logged meanwhile.</summary>
    public IReadOnlyList<string> Log { get; private init; } = [];

    public JsonObject Resources => Manifest["resources"]!.AsObject();

    /// <exception cref="Exception">Whatever publishing fails with.</exception>
    public static async Task<Published> FromAsync(Action<IDistributedApplicationBuilder> declare, params string[] arguments)
    {
        var folder = new TemporaryFolder("publish");
        try
        {
            var path = folder.At("manifest.json");
            var log = await PublishRun.ToEndAsync(declare, ["--publisher", "manifest", "--output-path", path, .. arguments]);
            return new Published(folder, JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject()) { Log = log };
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Publishes a model that is to be refused. What is published all the same is deleted before the test fails.</summary>
    public static Task<TException> FailsAsync<TException>(Action<IDistributedApplicationBuilder> declare)
        where TException : Exception => Assert.ThrowsAsync<TException>(async () => (await FromAsync(declare)).Dispose());

    /// <summary>The definition of an event job, as its bytes.</summary>
    public byte[] JobDefinition(string job) => File.ReadAllBytes(Path.Combine(Folder, "jobs", $"{job}.json"));

    public string Module(string name) => File.ReadAllText(Path.Combine(Folder, $"{name}.module.bicep"));

    public void Dispose() => _folder.Dispose();
}

/// <summary>Projects as the generated classes of an AppHost describe them.</summary>
internal static class SampleProjects
{
    public sealed class Web : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(Repository.Root, "KedaJobs.Producer", "KedaJobs.Producer.csproj");

        public LaunchSettings? LaunchSettings => new()
        {
            Profiles = { ["http"] = new LaunchProfile { CommandName = "Project", ApplicationUrl = "http://localhost:5180" } },
        };
    }

    public sealed class Job : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(Repository.Root, "KedaJobs.Worker", "KedaJobs.Worker.csproj");
    }
}
