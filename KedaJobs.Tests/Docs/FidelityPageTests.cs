using System.Text.RegularExpressions;

namespace KedaJobs.Tests.Docs;

/// <summary>docs/fidelity.md names tests that exist and run, and a source for every rule.</summary>
public sealed partial class FidelityPageTests
{
    private const string FidelityPage = "docs/fidelity.md";

    private static readonly HashSet<string> Tests =
    [
        .. typeof(FidelityPageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute), inherit: true))
                .Select(method => $"{type.Name}.{method.Name}")),
    ];

    public static TheoryData<string> Rules() =>
    [
        .. Row().Matches(Page.Read(FidelityPage).Split("## Deviations")[0]).Select(row => row.Value)
            .Where(row => !row.StartsWith("| rule |", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_has_a_source_and_tests_that_exist(string row)
    {
        var cells = row.Trim('|').Split(" | ");
        Assert.Equal(3, cells.Length);
        Assert.NotEmpty(cells[1].Trim());
        var named = Test().Matches(cells[2]).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, name => !Tests.Contains(name));
    }

    [GeneratedRegex(@"^\| .*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z]+[.][A-Za-z_]+)`")]
    private static partial Regex Test();
}
