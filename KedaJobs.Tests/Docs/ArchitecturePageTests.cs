using System.Reflection;
using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Docs;

/// <summary>What docs/architecture.md and docs/broker-architecture.md name is there.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly HashSet<string> Types =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "KedaJobs.*.dll")
            .SelectMany(path => Assembly.Load(AssemblyName.GetAssemblyName(path)).GetTypes())
            .Select(type => type.Name.Split('`')[0]),
    ];

    [Theory]
    [InlineData("docs/architecture.md", 30)]
    [InlineData("docs/broker-architecture.md", 3)]
    public void Types_exist(string page, int atLeast)
    {
        var named = Type().Matches(Page.WithoutCode(page)).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count >= atLeast, $"{page} names {named.Count} types.");
        Assert.DoesNotContain(named, name => !Types.Contains(name) && !IsDeclaredWord(name));
    }

    [Fact]
    public void Folders_exist()
    {
        var named = Folder().Matches(Page.WithoutCode("docs/architecture.md")).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, folder => !Directory.Exists(Path.Combine(Repository.Root, folder)));
    }

    /// <summary>Verbs and settings of the public surface and of .NET, which are set like types.</summary>
    private static bool IsDeclaredWord(string name) =>
        name is "TimeProvider" or "MaxDeliveryCount" or "AsEventJob" or "AsScheduledJob" or "AsManualJob" or "UnderGate" or "UnderLock";

    [GeneratedRegex("`([A-Z][A-Za-z]+[a-z])`")]
    private static partial Regex Type();

    [GeneratedRegex(@"\b(KedaJobs\.[A-Za-z.]+(?:/[A-Z][A-Za-z]+)+)")]
    private static partial Regex Folder();
}
