using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Docs;

/// <summary>Every link from one page to another, to a picture or to a heading leads somewhere.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages() => [.. Page.All];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        var broken = Link().Matches(Page.WithoutCode(page)).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal))
            .Where(link => !Exists(Path.Combine(Repository.Root, page), folder, link));
        Assert.Empty(broken);
    }

    private static bool Exists(string page, string folder, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0 ? page : Path.GetFullPath(parts[0], folder);
        return parts.Length == 1
            ? Path.Exists(target)
            : File.Exists(target)
                && Heading().Matches(File.ReadAllText(target)).Any(heading => Anchor(heading.Groups[1].Value) == parts[1]);
    }

    /// <summary>The anchor that GitHub gives a heading.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
