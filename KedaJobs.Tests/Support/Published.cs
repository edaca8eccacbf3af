using System.Text.Json.Nodes;
using Aspire.Hosting;

namespace KedaJobs.Tests.Support;

/// <summary>What publishing a model leaves in a folder: the manifest, and the Bicep modules beside it.</summary>
internal sealed class Published : IDisposable
{
    private Published(string folder, JsonObject manifest)
    {
        Folder = folder;
        Manifest = manifest;
    }

    public string Folder { get; }

    public JsonObject Manifest { get; }

    /// <summary>What was logged meanwhile.</summary>
    public IReadOnlyList<string> Log { get; private init; } = [];

    public JsonObject Resources => Manifest["resources"]!.AsObject();

    /// <exception cref="Exception">Whatever publishing fails with.</exception>
    public static async Task<Published> FromAsync(Action<IDistributedApplicationBuilder> declare, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("kedajobs-publish-").FullName;
        try
        {
            var path = Path.Combine(folder, "manifest.json");
            var log = await PublishRun.ToEndAsync(declare, ["--publisher", "manifest", "--output-path", path, .. arguments]);
            return new Published(folder, JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject()) { Log = log };
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>The definition of an event job, as its bytes.</summary>
    public byte[] JobDefinition(string job) => File.ReadAllBytes(Path.Combine(Folder, "jobs", $"{job}.json"));

    public string Module(string name) => File.ReadAllText(Path.Combine(Folder, $"{name}.module.bicep"));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
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
