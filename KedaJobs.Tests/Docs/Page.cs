using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Docs;

/// <summary>The Markdown pages of the repository, by their paths.</summary>
internal static partial class Page
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md"))
            .Concat(Directory.EnumerateDirectories(Repository.Root).Select(project => Path.Combine(project, "README.md"))
                .Where(File.Exists))
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static string Read(string page) => File.ReadAllText(Path.Combine(Repository.Root, page));

    /// <summary>The page without its code blocks.</summary>
    public static string WithoutCode(string page) => CodeBlock().Replace(Read(page), "");

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
