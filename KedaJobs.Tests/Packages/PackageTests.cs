using System.IO.Compression;
using System.Xml.Linq;
using KedaJobs.Tests.EndToEnd;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Packages;

/// <summary>What is published: packages, tools, and the template, as somebody finds them who has nothing else of the project.</summary>
[Collection(AloneCollection.Name)]
public sealed class PackageTests(PackageFeed feed) : IClassFixture<PackageFeed>
{
    private static readonly string[] Libraries = ["KedaJobs.Hosting", "KedaJobs.Jobs", "KedaJobs.Scaling", "KedaJobs.ServiceBus"];
    private static readonly string[] Tools = ["KedaJobs.Planner", "KedaJobs.ServiceBus.Host"];
    private static readonly string[] All = [.. Libraries, .. Tools, "KedaJobs.Templates"];

    [Fact]
    public void These_packages_are_made() => Assert.Equal(
        All.Select(id => $"{id}.{feed.Version}.nupkg").Order(StringComparer.Ordinal),
        feed.Packages("KedaJobs.*.nupkg").Select(Path.GetFileName));

    [Fact]
    public void Each_says_what_it_is()
    {
        foreach (var id in All)
        {
            using var package = feed.Open(id);
            var nuspec = Nuspec(package);
            Assert.Equal(
                (feed.Version, "KedaJobs contributors", "MIT", "icon.png", "README.md"),
                (Text(nuspec, "version"), Text(nuspec, "authors"), Text(nuspec, "license"), Text(nuspec, "icon"), Text(nuspec, "readme")));
            Assert.InRange(Text(nuspec, "description").Length, 50, 250);
            Assert.NotEmpty(Text(nuspec, "tags"));
            Assert.Equal("git", nuspec.Elements().Single(element => element.Name.LocalName == "repository").Attribute("type")!.Value);
            Assert.NotNull(package.GetEntry("icon.png"));
            Assert.NotNull(package.GetEntry("LICENSE"));
            using var readme = new StreamReader(package.GetEntry("README.md")!.Open());
            Assert.StartsWith("# ", readme.ReadToEnd(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Libraries_bring_their_documentation_and_symbols()
    {
        foreach (var id in Libraries)
        {
            using var package = feed.Open(id);
            using var symbols = feed.Open(id, "snupkg");
            Assert.Equal(
                [$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"],
                package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal));
            Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
        }
    }

    /// <summary>Also where Hosting was built with stand-ins, it names the packages that they stand for.</summary>
    [Fact]
    public void Dependencies_are_the_public_packages() => Snapshot.Match("Packages/Dependencies.txt", string.Concat(Libraries.Select(id =>
    {
        using var package = feed.Open(id);
        var dependencies = Nuspec(package).Descendants()
            .Where(element => element.Name.LocalName is "dependency" or "frameworkReference")
            .Select(element =>
                $"    {element.Attribute("id")?.Value ?? element.Attribute("name")!.Value} {element.Attribute("version")?.Value}".TrimEnd())
            .Order(StringComparer.Ordinal);
        return $"{id}\n{string.Concat(dependencies.Select(line => $"{line}\n"))}"
            .Replace(feed.Version, "VERSION", StringComparison.Ordinal);
    })));

    [Fact]
    public async Task The_tools_run()
    {
        var folder = Directory.CreateDirectory(Path.Combine(feed.Folder, "tools")).FullName;
        foreach (var tool in Tools)
        {
            await DotnetCommand.RunAsync(
                feed.Folder, "tool", "install", tool, "--version", feed.Version, "--tool-path", folder, "--add-source", feed.Source);
        }

        var explained = await DotnetCommand.RunProgramAsync(
            Path.Combine(folder, "kedajobs"), folder, """{"max":10,"running":2,"triggers":[{"length":12,"target":5}]}""", "explain",
            "--text");
        Assert.Contains("start 1", explained, StringComparison.Ordinal);

        var help = await DotnetCommand.RunProgramAsync(Path.Combine(folder, "kedajobs-servicebus"), folder, "", "--help");
        Assert.Contains("--data", help, StringComparison.Ordinal);
    }

    /// <summary>The longest test: it restores, builds and tests a solution of its own.</summary>
    [Fact]
    public async Task The_template_makes_a_solution_that_builds_and_passes_its_tests()
    {
        var hive = Path.Combine(feed.Folder, "hive");
        await DotnetCommand.RunAsync(
            feed.Folder, "new", "install", Path.Combine(feed.Source, $"KedaJobs.Templates.{feed.Version}.nupkg"), "--debug:custom-hive",
            hive);
        await DotnetCommand.RunAsync(feed.Folder, "new", "kedajobs", "--output", "My-Shop", "--no-restore", "--debug:custom-hive", hive);
        var solution = Path.Combine(feed.Folder, "My-Shop");

        Assert.Equal(
            [
                "My-Shop.AppHost", "My-Shop.Contracts", "My-Shop.Producer", "My-Shop.ServiceDefaults", "My-Shop.Tests", "My-Shop.Worker",
                "eng",
            ],
            Directory.EnumerateDirectories(solution).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("name: my-shop", await File.ReadAllTextAsync(Path.Combine(solution, "azure.yaml")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(solution, ".gitignore")));
        foreach (var file in Directory.EnumerateFiles(solution, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotMatch("(?i)KedaJobs[-_]Sample", file + await File.ReadAllTextAsync(file));
        }

        var tested = await DotnetCommand.RunAsync(solution, ["test", "--nologo", "--verbosity", "quiet", .. feed.Allowances]);
        Assert.Contains("Passed:     1", tested, StringComparison.Ordinal);
    }

    private static XElement Nuspec(ZipArchive package)
    {
        using var stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream).Root!.Elements().Single();
    }

    private static string Text(XElement nuspec, string name) => nuspec.Elements().Single(element => element.Name.LocalName == name).Value;
}
