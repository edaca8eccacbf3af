using System.Runtime.Versioning;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Planner;
using KedaJobs.Tests.Planner.Export;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;
using NJsonSchema;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>The job definition that our own AppHost writes, and what the planner makes of that very file.</summary>
public class AppHostDefinitionTests(PublishedAppHostFixture published) : IClassFixture<PublishedAppHostFixture>
{
    private string Definition => Path.Combine(published.Folder, "jobs", "worker.json");

    [Fact]
    public void Definition_stands_beside_the_manifest_as_documented() =>
        Assert.Equal(JobDefinitionFile.Write(Samples.Worker), File.ReadAllText(Definition));

    [Fact]
    public async Task Definition_is_valid()
    {
        var schema = await JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "job-definition.schema.json"));

        Assert.Empty(schema.Validate(await File.ReadAllTextAsync(Definition)));
    }

    [Fact]
    public async Task Step_of_its_own_writes_the_definitions_and_nothing_else()
    {
        var folder = Path.Combine(published.Folder, "definitions-only");

        var (exitCode, output) = await PublishedAppHostFixture.RunAsync(
            "--operation", "publish", "--step", "job-definitions", "--output-path", folder);

        Assert.True(exitCode == 0, output);
        Assert.Equal([Path.Combine(folder, "jobs", "worker.json")], Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
        Assert.Equal(await File.ReadAllTextAsync(Definition), await File.ReadAllTextAsync(Path.Combine(folder, "jobs", "worker.json")));
        Assert.DoesNotContain("listens on", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Wrong_declaration_writes_no_definition()
    {
        var folder = Path.Combine(published.Folder, "wrong-definitions");

        var (exitCode, output) = await PublishedAppHostFixture.RunAsync(
            "--operation", "publish", "--step", "job-definitions", "--output-path", folder, "--KedaJobs:Jobs:worker:MaxExecutions=0");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("KJ004 worker: MaxExecutions is 0", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [SharedFact]
    public async Task Export_to_KEDA_is_valid() => Assert.Empty(await KedaSchemas.ErrorsAsync(await ExportAsync("keda")));

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Export_to_az_is_taken_argument_for_argument()
    {
        var (create, patch) = await AzScript.RunAsync(await ExportAsync("az"));

        Assert.Equal(
            ["queueName=jobs", "namespace=(SERVICEBUS_NAMESPACE)", "messageCount=5", "activationMessageCount=0"],
            create["--scale-rule-metadata"]);
        Assert.Equal("None", (string?)patch!["properties"]!["configuration"]!["identitySettings"]![0]!["lifecycle"]);
    }

    [TerraformFact]
    public async Task Export_to_Terraform_is_formatted() => await TerraformFormat.AssertFormattedAsync(await ExportAsync("terraform"));

    [Fact]
    public async Task Export_to_Terraform_has_the_job_with_its_queues_identities_and_roles()
    {
        var text = await ExportAsync("terraform");

        foreach (var block in (string[])[
            "resource \"azurerm_container_app_job\" \"worker\"",
            "resource \"azurerm_servicebus_queue\" \"jobs\"",
            "resource \"azurerm_servicebus_queue\" \"results\"",
            "resource \"azurerm_user_assigned_identity\" \"worker_identity\"",
            "resource \"azurerm_user_assigned_identity\" \"worker_scaler\"",
            "resource \"azurerm_role_assignment\" \"worker_scaler_manages_messaging\"",
            "resource \"azurerm_role_assignment\" \"worker_identity_receives_from_jobs\"",
            "resource \"azurerm_role_assignment\" \"worker_identity_sends_to_results\""])
        {
            Assert.Contains(block, text, StringComparison.Ordinal);
        }
    }

    private async Task<string> ExportAsync(string target)
    {
        var run = await PlannerRun.Of("", "export", target, Definition);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }
}
