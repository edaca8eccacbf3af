using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KedaJobs.Tests.Docs;

/// <summary>A block of C# on a page.</summary>
/// <param name="Page">The page.</param>
/// <param name="Line">The line of the page on which the code begins.</param>
/// <param name="Code">The code as the page has it.</param>
internal sealed partial record CodeBlock(string Page, int Line, string Code)
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14);

    public static IEnumerable<CodeBlock> Of(string page)
    {
        var text = Docs.Page.Read(page).ReplaceLineEndings("\n");
        return Fence().Matches(text).Select(match => new CodeBlock(
            page, text.AsSpan(0, match.Groups[1].Index).Count('\n') + 1, match.Groups[1].Value));
    }

    /// <summary>The namespaces that the page tells the reader to import.</summary>
    public static IEnumerable<string> ImportsOf(string page) =>
        Import().Matches(Docs.Page.Read(page)).Select(match => match.Groups[1].Value);

    public static string NamespaceOf(string page) => Identifier().Replace(page, "_");

    /// <summary>The block as a file of a program, in a namespace of its page.</summary>
    /// <param name="names">Declarations of the names that the page takes for granted, as static members.</param>
    /// <param name="usings">The namespaces that are imported where the reader writes the code.</param>
    public SyntaxTree ToFile(string names, IEnumerable<string> usings)
    {
        // Declarations stand by themselves; anything else is the inside of a method. What a page leaves out is no part of it.
        var code = Code.Replace("\n...\n", "\n\n", StringComparison.Ordinal).TrimEnd();
        var isDeclaration = CSharpSyntaxTree.ParseText(code, Language).GetCompilationUnitRoot().Members is { Count: > 0 } members
            && !members.Any(member => member.IsKind(SyntaxKind.GlobalStatement));
        var body = isDeclaration ? Located(code)
            : $$"""
            internal static class Line{{Line}}
            {
                {{names}}

                private static async System.Threading.Tasks.Task<int> RunAsync(string[] args)
                {
                    await System.Threading.Tasks.Task.CompletedTask;
            {{Located(Completed(code))}}
                    return 0;
                }
            }
            """;
        var text = $"""
            {string.Concat(usings.Select(name => $"using {name};\n"))}
            namespace Pages.{NamespaceOf(Page)};

            {body}
            """;
        return CSharpSyntaxTree.ParseText(text, Language, $"{Page}({Line})");
    }

    private string Located(string code) => $"#line {Line} \"{Page}\"\n{code}\n#line hidden\n";

    // ".AsEventJob(jobs)", or a call that goes on: what matters is the call.
    private static string Completed(string code) =>
        (code.StartsWith('.') ? "_ = worker" : "") + code + (SemicolonOrBrace().IsMatch(code) ? "" : "\n;");

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`using ([A-Za-z.]+);`")]
    private static partial Regex Import();

    [GeneratedRegex(@"[;}]\s*(//[^\n]*)?$")]
    private static partial Regex SemicolonOrBrace();

    [GeneratedRegex("[^A-Za-z0-9]")]
    private static partial Regex Identifier();
}
