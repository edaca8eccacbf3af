using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Packages;

/// <summary>
/// All packages of this build, in a source of their own, and folders in which they are restored into a cache of their own. Where the tests
/// were built with the stand-ins of offline/, these are in the source, too, under the names and versions of the packages that they stand
/// for; nobody else ever sees them.
/// </summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private static readonly string Configuration =
        typeof(PackageFeed).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private readonly TemporaryFolder _folder = new("packages");

    /// <summary>A temporary folder with a nuget.config.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The package source.</summary>
    public string Source => Path.Combine(Folder, "source");

    /// <summary>The version of the packages.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Whether stand-ins take the place of packages that the feed lacks.</summary>
    public static bool UsesStandIns { get; } = Metadata("UseStandIns") == "true";

    /// <summary>
    /// What a build needs that restores from a feed without all versions: there, the next version is a warning, not an error.
    /// </summary>
    public IReadOnlyList<string> Allowances { get; } = UsesStandIns ? ["-p:WarningsNotAsErrors=NU1603"] : [];

    public async Task InitializeAsync()
    {
        await PackAsync("KedaJobs.sln");
        if (UsesStandIns)
        {
            await PackAsync("offline/StandIns.slnx", "-p:IsPackable=true");
        }

        var machine = await DotnetCommand.RunAsync(Folder, "nuget", "locals", "global-packages", "--list");
        await File.WriteAllTextAsync(Path.Combine(Folder, "nuget.config"), new XElement(
            "configuration",
            new XElement("config", Add("globalPackagesFolder", Path.Combine(Folder, "cache"))),
            new XElement("packageSources", Add("local", Source)),
            new XElement("fallbackPackageFolders", Add("machine", machine[(machine.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())))
            .ToString());
        Version = Path.GetFileName(Packages("KedaJobs.Scaling.*.nupkg").Single())["KedaJobs.Scaling.".Length..^".nupkg".Length];
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The files in the source.</summary>
    public IReadOnlyList<string> Packages(string pattern) => [.. Directory.EnumerateFiles(Source, pattern).Order(StringComparer.Ordinal)];

    /// <summary>Opens a package.</summary>
    public ZipArchive Open(string id, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Source, $"{id}.{Version}.{extension}"));

    private static string Metadata(string key) =>
        typeof(PackageFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;

    private Task PackAsync(string solution, params string[] arguments) => DotnetCommand.RunAsync(
        Repository.Root,
        ["pack", solution, "--no-build", "--configuration", Configuration, "--output", Source, "--verbosity", "quiet", .. arguments]);

    private static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));
}
