using System.Globalization;
using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Docs;

/// <summary>
/// The limit on the length of C# lines. The build enforces it for code (RCS0056), but leaves out comments and lines that are a string and
/// nothing else; they are held here.
/// </summary>
public sealed partial class LineLengthTests
{
    private static readonly string Settings = File.ReadAllText(Path.Combine(Repository.Root, ".editorconfig"));

    [Fact]
    public void Editors_and_the_build_have_the_same_limit()
    {
        Assert.Equal(Setting("max_line_length"), Setting("roslynator_max_line_length"));
        Assert.Equal("warning", Setting("dotnet_diagnostic.RCS0056.severity"));
    }

    [Fact]
    public void No_line_is_longer_than_the_limit()
    {
        var limit = int.Parse(Setting("max_line_length"), CultureInfo.InvariantCulture);
        var files = Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !BuildOutput().IsMatch(Path.GetRelativePath(Repository.Root, file)))
            .ToList();

        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(file =>
            TooLong(File.ReadLines(file), limit).Select(line => $"{Path.GetRelativePath(Repository.Root, file)}({line})")));
    }

    [Theory]
    [InlineData("", "/// <summary>More than twenty.</summary>", "2")]
    [InlineData("", "// More than twenty characters.", "2")]
    [InlineData("", "    \"More than twenty.\"", "2")]
    [InlineData("", "/// <inheritdoc cref=\"More(than, twenty)\"/>", "")]
    [InlineData("    \"\"\"", "more than twenty characters", "")]
    [InlineData("    $$\"\"\"", "more than twenty characters", "")]
    [InlineData("    \"\"\"\n    \"\"\"", "// More than twenty characters.", "3")]
    [InlineData("    \"\"\"a\"\"\"", "// More than twenty characters.", "2")]
    public void Text_and_references_are_exempt(string before, string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', TooLong($"{before}\n{line}".Split('\n'), limit: 20)));

    /// <summary>
    /// The numbers of lines that are too long. The lines of a raw string are exempt, because its text is for another reader, such as a
    /// shell. So is a reference to a member, which cannot be broken.
    /// </summary>
    private static IEnumerable<int> TooLong(IEnumerable<string> lines, int limit)
    {
        var (number, isText) = (0, false);
        foreach (var line in lines)
        {
            number++;
            var ends = isText && line.TrimStart().StartsWith("\"\"\"", StringComparison.Ordinal);
            if (line.Length > limit && (!isText || ends) && !Reference().IsMatch(line))
            {
                yield return number;
            }

            isText ^= RawQuotes().Count(line) % 2 == 1;
        }
    }

    private static string Setting(string name) =>
        Regex.Match(Settings, $"^{Regex.Escape(name)} = (.+)$", RegexOptions.Multiline).Groups[1].Value;

    [GeneratedRegex(@"(^|[\\/])(bin|obj)[\\/]")]
    private static partial Regex BuildOutput();

    [GeneratedRegex("""^ */// <inheritdoc cref="[^"]*"/>$""")]
    private static partial Regex Reference();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();
}
