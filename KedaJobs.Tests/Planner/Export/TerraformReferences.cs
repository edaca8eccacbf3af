using System.Text.RegularExpressions;

namespace KedaJobs.Tests.Planner.Export;

/// <summary>
/// What <c>terraform validate</c> would say of references, which needs the providers: everything that is referred to is declared, and once.
/// </summary>
internal static partial class TerraformReferences
{
    public static void AssertDeclaredOnce(string text)
    {
        var declared = Declaration().Matches(text).Select(match => match.Groups["kind"].Value switch
        {
            "variable" => $"var.{match.Groups["type"].Value}",
            "data" => $"data.{match.Groups["type"].Value}.{match.Groups["label"].Value}",
            _ => $"{match.Groups["type"].Value}.{match.Groups["label"].Value}",
        }).ToList();
        Assert.Equal(declared.Distinct(), declared);

        // Text in quotes is none, but for what stands in ${}.
        var code = Quoted().Replace(
            string.Join('\n', text.Split('\n').Where(line => !line.StartsWith('#'))),
            quoted => string.Join(' ', Hole().Matches(quoted.Value).Select(hole => hole.Groups[1].Value)));
        var referred = Reference().Matches(code).Select(match => match.Value).Distinct().ToList();
        Assert.NotEmpty(referred);
        Assert.Equal([], referred.Except(declared));
        Assert.Equal([], declared.Where(name => name.StartsWith("var.", StringComparison.Ordinal)).Except(referred));
    }

    [GeneratedRegex("^(?<kind>variable|resource|data) \"(?<type>\\w+)\"( \"(?<label>\\w+)\")? \\{", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<!\$)\$\{([^}]*)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\b(var\.\w+|data\.azurerm_\w+\.\w+|(?<!data\.)azurerm_\w+\.\w+)")]
    private static partial Regex Reference();
}
