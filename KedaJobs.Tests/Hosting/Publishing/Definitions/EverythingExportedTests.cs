using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KedaJobs.Planner.Export;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Planner.Export;
using KedaJobs.Tests.Support;
using NJsonSchema;

namespace KedaJobs.Tests.Hosting.Publishing.Definitions;

/// <summary>
/// The definitions of an AppHost that declares everything, and what the exports make of those very files: nothing is lost without a word.
/// </summary>
public class EverythingExportedTests(EverythingDeclared everything) : IClassFixture<EverythingDeclared>
{
    private static readonly string[] Names = ["worker", "report", "migrate"];

    public static TheoryData<string> Jobs => [.. Names];

    [Fact]
    public void Every_job_has_a_definition() => Assert.Equal(
        Names.Order(),
        Directory.EnumerateFiles(Path.Combine(everything.Published.Folder, "jobs")).Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Order());

    /// <summary>Nothing that is declared is lost on the way to the definition: compare its change with the AppHost's.</summary>
    [Theory]
    [MemberData(nameof(Jobs))]
    public void Definition_is_as_reviewed(string job) => Snapshot.Match(Path.Combine("Definitions", $"{job}.json"), Text(job));

    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task Definition_is_valid(string job)
    {
        var schema = await JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "job-definition.schema.json"));

        Assert.Empty(schema.Validate(Text(job)));
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Definition_read_back_is_the_same_file_and_the_same_exports(string job)
    {
        var definition = Read(job);

        var again = JobDefinitionFile.Write(definition);

        Assert.Equal(Text(job), again);
        Assert.Equal(Exports(definition), Exports(JobDefinitionFile.Read(System.Text.Encoding.UTF8.GetBytes(again))));
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Every_declared_fact_is_in_every_export_or_in_its_list_of_what_is_left_out(string job)
    {
        var (keda, az, terraform) = Exports(Read(job));
        var facts = DefinedFact.Of(JsonNode.Parse(Text(job))!.AsObject()).Where(ExportedFacts.IsExported).ToList();

        var missing = new List<string>();
        foreach (var fact in facts)
        {
            var patterns = ExportedFacts.PatternsOf(fact);
            foreach (var (target, text, template) in (IEnumerable<(string, string, string)>)[
                ("keda", keda, patterns.Keda), ("az", az, patterns.Az), ("terraform", terraform, patterns.Terraform),
            ])
            {
                var pattern = fact.Pattern(template);
                if (!Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(10)))
                {
                    missing.Add($"{target}: {fact.Path} = {fact.Value} ({pattern})");
                }
            }
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
        Assert.True(facts.Count >= (job == "worker" ? 100 : 12), $"only {facts.Count} facts");
    }

    [SharedFact]
    public async Task KEDA_is_valid()
    {
        foreach (var job in Names)
        {
            Assert.Empty(await KedaSchemas.ErrorsAsync(Exports(Read(job)).Keda));
        }
    }

    [TerraformFact]
    public async Task Terraform_is_formatted_and_its_references_are_declared()
    {
        foreach (var job in Names)
        {
            var text = Exports(Read(job)).Terraform;
            await TerraformFormat.AssertFormattedAsync(text);
            TerraformReferences.AssertDeclaredOnce(text);
        }
    }

    [UnixTheory, UnsupportedOSPlatform("windows")]
    [MemberData(nameof(Jobs))]
    public async Task Az_runs_in_a_shell_as_one_creation(string job)
    {
        var (create, request) = await AzScript.RunAsync(Exports(Read(job)).Az);

        // The worker's arguments begin with '-'.
        Assert.Equal(job == "worker", create.Count == 0);
        Assert.Equal(job == "worker", request is not null);
    }

    /// <summary>What every declared rule of a subscription lets through is all that the exported one does.</summary>
    [Fact]
    public void Terraform_never_leaves_a_subscription_unfiltered()
    {
        var text = Exports(Read("worker")).Terraform;

        Assert.Contains("auto_delete_subscription_default_rule = true", text, StringComparison.Ordinal);
        Assert.DoesNotContain("1=1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SqlFilter", text, StringComparison.Ordinal);
    }

    private static (string Keda, string Az, string Terraform) Exports(JobDefinition definition)
    {
        var options = new ExportOptions();
        return (KedaExport.Write(definition, options), AzExport.Write(definition, options), TerraformExport.Write(definition, options));
    }

    private string Text(string job) => System.Text.Encoding.UTF8.GetString(everything.Published.JobDefinition(job));

    private JobDefinition Read(string job) => JobDefinitionFile.Read(everything.Published.JobDefinition(job));
}
