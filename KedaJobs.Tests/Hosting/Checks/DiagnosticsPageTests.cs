using System.Text.RegularExpressions;
using KedaJobs.Hosting.Checks;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Checks;

public partial class DiagnosticsPageTests
{
    [Fact]
    public void Page_lists_every_code_with_its_severity_and_title()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics.md"));
        var rows = Row().Matches(page).Select(row => $"{row.Groups[1]} {row.Groups[2]} {row.Groups[3].Value.Trim()}");

        Assert.Equal(CheckCode.All.Select(code => $"{code.Id} {code.Severity.ToString().ToLowerInvariant()} {code.Title}"), rows);
    }

    [Fact]
    public void Codes_are_unique() => Assert.Equal(CheckCode.All.Count, CheckCode.All.Select(code => code.Id).Distinct().Count());

    [GeneratedRegex(@"^\| (KJ\d{3}) \| (error|warning) \| ([^|]+)\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
