using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KedaJobs.Tests.Docs;

/// <summary>The C# of every page and README compiles against what is built here.</summary>
public sealed partial class CodeBlockTests
{
    /// <summary>What a project imports without saying so, and an AppHost project beside it.</summary>
    private static readonly string[] Implicit =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
        "Aspire.Hosting", "Aspire.Hosting.ApplicationModel",
    ];

    /// <summary>What readers of the guides have in their files already. A package's README says all that is to be imported.</summary>
    private static readonly Dictionary<string, string[]> Imports = new()
    {
        ["docs/job-library.md"] = ["KedaJobs.Jobs", "System.Text.Json", "System.Text.Json.Serialization"],
        ["docs/next-steps.md"] = ["Azure.Provisioning.ServiceBus"],
        ["docs/testing.md"] =
            ["Aspire.Hosting.Testing", "Azure.Messaging.ServiceBus", "Microsoft.Extensions.Time.Testing", "Xunit"],
        ["docs/tutorial.md"] = ["Aspire.Hosting.Testing"],
    };

    /// <summary>What pages take for granted.</summary>
    private const string Names = """
        private static Aspire.Hosting.IDistributedApplicationBuilder builder = null!;
        private static IResourceBuilder<Aspire.Hosting.Azure.AzureServiceBusResource> messaging = null!;
        private static IResourceBuilder<Aspire.Hosting.Azure.AzureServiceBusQueueResource>
            jobs = null!, urgent = null!, results = null!, images = null!, orders = null!;
        private static IResourceBuilder<ProjectResource> worker = null!;
        private static KedaJobs.Hosting.RunningJob job = null!;
        private static string body = "";
        """;

    /// <summary>Blocks that use packages which are not built here, by a text that is in them.</summary>
    private static readonly string[] Elsewhere =
    [
        // Aspire.Hosting.Azure.Storage
        "builder.AddAzureStorage(",
        // The stand-in for Azure.Provisioning.ServiceBus has what Aspire writes, and not this property.
        "ServiceBusPublicNetworkAccess.Disabled",
    ];

    /// <summary>Where a page uses what another declares.</summary>
    private static readonly Dictionary<string, string> Declared = new() { ["docs/job-library.md"] = "KedaJobs.Jobs/README.md" };

    /// <summary>.NET, the packages, and what is built here.</summary>
    private static readonly IReadOnlyList<MetadataReference> Assemblies =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Fact]
    public void Every_block_compiles()
    {
        var blocks = Page.All.SelectMany(CodeBlock.Of).ToList();
        var files = blocks.Where(block => !Elsewhere.Any(text => block.Code.Contains(text, StringComparison.Ordinal)))
            .Concat(Declared.SelectMany(page =>
                CodeBlock.Of(page.Value).Where(IsDeclaration).Select(block => block with { Page = page.Key })))
            .ToList();

        var errors = Compile(files);

        Assert.True(errors.Count == 0, string.Join(Environment.NewLine, errors));
        Assert.Equal(Elsewhere.Length, blocks.Count + Declared.Count - files.Count);
        Assert.All(["KedaJobs.Hosting/README.md", "KedaJobs.Jobs/README.md"], page => Assert.Contains(blocks, block => block.Page == page));
    }

    [Theory]
    [InlineData("builder.AddProject<Projects.Worker>(\"worker\").AsEventJob(jobs).WithLibrary();", "WithLibrary")]
    [InlineData(".AsEventJob(jobs, job => job.MessagesPerExecution = 5)", "MessagesPerExecution")]
    [InlineData("internal sealed class Handler : IJobHandler<string>;", "IJobHandler")]
    public void A_block_that_does_not_compile_is_found(string code, string expected)
    {
        var error = Assert.Single(Compile([new CodeBlock("docs/jobs.md", 7, code)]));

        Assert.StartsWith("docs/jobs.md(7,", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static bool IsDeclaration(CodeBlock block) => block.Code.StartsWith("internal ", StringComparison.Ordinal);

    // One compilation for all: what they refer to is read once.
    private static IReadOnlyList<string> Compile(IReadOnlyList<CodeBlock> blocks)
    {
        var files = blocks.Select(block => block.ToFile(
            Names, Implicit.Concat(CodeBlock.ImportsOf(block.Page)).Concat(Imports.GetValueOrDefault(block.Page, [])).Distinct())).ToList();
        var projects = blocks.SelectMany(block => Project().Matches(block.Code).Select(match => match.Groups[1].Value)).Distinct();
        var generated = string.Concat(projects.Select(Stub)) + string.Concat(blocks.Where(IsDeclaration).Select(JsonContexts));
        var compilation = CSharpCompilation.Create(
            "Pages",
            [.. files, CSharpSyntaxTree.ParseText(generated, (CSharpParseOptions)files[0].Options)],
            Assemblies,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        return
        [
            .. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
                .Select(diagnostic => $"{Where(diagnostic.Location.GetMappedLineSpan())}: {diagnostic.GetMessage()}"),
        ];
    }

    private static string Where(FileLinePositionSpan place) =>
        $"{place.Path}({place.StartLinePosition.Line + 1},{place.StartLinePosition.Character + 1})";

    // What Aspire's build makes of a project reference.
    private static string Stub(string project) =>
        $$"""
        namespace Projects
        {
            internal sealed class {{project}} : Aspire.Hosting.IProjectMetadata { public string ProjectPath => ""; }
        }
        """;

    // What the generator of System.Text.Json makes of a context.
    private static string JsonContexts(CodeBlock block)
    {
        var types = Serializable().Matches(block.Code).Select(match => match.Groups[1].Value).ToList();
        var contexts = Context().Matches(block.Code).Select(match => match.Groups[1].Value);
        return string.Concat(contexts.Select(context => $$"""
            namespace Pages.{{CodeBlock.NamespaceOf(block.Page)}}
            {
                partial class {{context}}() : System.Text.Json.Serialization.JsonSerializerContext(null)
                {
                    public static {{context}} Default => throw null!;
                    protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;
                    public override System.Text.Json.Serialization.Metadata.JsonTypeInfo? GetTypeInfo(System.Type type) => null;
                    {{string.Concat(types.Select(type =>
                        $"public System.Text.Json.Serialization.Metadata.JsonTypeInfo<{type}> {type} => throw null!;"))}}
                }
            }
            """));
    }

    [GeneratedRegex(@"\bProjects\.(\w+)")]
    private static partial Regex Project();

    [GeneratedRegex(@"\[JsonSerializable\(typeof\((\w+)\)\)\]")]
    private static partial Regex Serializable();

    [GeneratedRegex(@"partial class (\w+) : JsonSerializerContext")]
    private static partial Regex Context();
}
