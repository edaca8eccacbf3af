using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning;
using KedaJobs.Hosting;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>Scale rules whose metadata refers to what the AppHost declares.</summary>
public class ScaleRuleReferenceTests
{
    [BicepFact]
    public async Task Parameters_and_outputs_are_parameters_of_the_jobs_module()
    {
        var job = await PublishedJob.OfAsync((builder, worker) =>
        {
            var storage = Storage(builder);
            worker
                .WithScaleRule("uploads", "azure-queue", new ScaleRuleMetadata
                {
                    { "queueName", "uploads" },
                    { "accountName", storage.GetOutput("name") },
                    { "queueLength", builder.AddParameter("uploads-per-execution") },
                }, builder.AddAzureUserAssignedIdentity("uploads-reader"))
                .WithScaleRule("elsewhere", "azure-servicebus", new ScaleRuleMetadata
                {
                    { "queueName", ReferenceExpression.Create($"jobs") },
                    { "namespace", ReferenceExpression.Create($"{builder.AddAzureServiceBus("second").Resource.NameOutputReference}") },
                }, builder.AddAzureUserAssignedIdentity("second-reader"))
                .WithScaleRule("load", "prometheus", new ScaleRuleMetadata
                {
                    {
                        "serverAddress",
                        ReferenceExpression.Create($"https://{storage.GetOutput("host")}/metrics?of={builder.AddParameter("team")}")
                    },
                    { "query", "up" },
                    { "threshold", "5" },
                });
        });

        ArmJson.AssertSame("""
            {
              "name": "uploads",
              "type": "azure-queue",
              "metadata": {
                "queueName": "uploads",
                "accountName": "[parameters('store_outputs_name')]",
                "queueLength": "[parameters('uploads_per_execution')]"
              },
              "identity": "[parameters('uploads_reader_outputs_id')]"
            }
            """, job.Scale["rules"]![1]);
        ArmJson.AssertSame("""
            {
              "name": "elsewhere",
              "type": "azure-servicebus",
              "metadata": { "queueName": "jobs", "namespace": "[parameters('second_outputs_name')]" },
              "identity": "[parameters('second_reader_outputs_id')]"
            }
            """, job.Scale["rules"]![2]);
        Assert.Equal("[parameters('load_metadata_serverAddress')]", (string?)job.Scale["rules"]![3]!["metadata"]!["serverAddress"]);
        var parameters = job.Manifest["resources"]!["worker"]!["deployment"]!["params"]!;
        Assert.Equal("{store.outputs.name}", (string?)parameters["store_outputs_name"]);
        Assert.Equal("{uploads-per-execution.value}", (string?)parameters["uploads_per_execution"]);
        Assert.Equal("{second.outputs.name}", (string?)parameters["second_outputs_name"]);
        Assert.Equal("https://{store.outputs.host}/metrics?of={team.value}", (string?)parameters["load_metadata_serverAddress"]);
    }

    [Fact]
    public async Task Parameters_and_outputs_are_named_in_the_definition_and_variables_in_the_exports()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var storage = Storage(builder);
            var jobs = builder.AddAzureServiceBus("messaging").AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs)
                .WithScaleRule("uploads", "azure-queue", new ScaleRuleMetadata
                {
                    { "queueName", "uploads" },
                    { "accountName", storage.GetOutput("name") },
                    { "queueLength", builder.AddParameter("uploads-per-execution") },
                    { "endpointSuffix", ReferenceExpression.Create($"queue.{storage.GetOutput("host")}") },
                }, builder.AddAzureUserAssignedIdentity("uploads-reader"));
        });

        ArmJson.AssertSame("""
            {
              "queueName": "uploads",
              "accountName": { "reference": "store.outputs.name" },
              "queueLength": { "parameter": "uploads-per-execution" },
              "endpointSuffix": ["queue.", { "reference": "store.outputs.host" }]
            }
            """, JsonNode.Parse(published.JobDefinition("worker"))!["rules"]![0]!["metadata"]);
        var definition = JobDefinitionFile.Read(published.JobDefinition("worker"));
        var yaml = KedaExport.Write(definition, new());
        Assert.Contains("accountName: \"${STORE_OUTPUTS_NAME}\"", yaml, StringComparison.Ordinal);
        Assert.Contains("queueLength: \"${UPLOADS_PER_EXECUTION}\"", yaml, StringComparison.Ordinal);
        Assert.Contains("endpointSuffix: \"queue.${STORE_OUTPUTS_HOST}\"", yaml, StringComparison.Ordinal);
        var script = AzExport.Write(definition, new());
        Assert.Contains("${STORE_OUTPUTS_NAME}", script, StringComparison.Ordinal);
        Assert.Contains("\"endpointSuffix\": \"queue.$(json \"${STORE_OUTPUTS_HOST}\")\"", script, StringComparison.Ordinal);
        var terraform = TerraformExport.Write(definition, new());
        Assert.Contains("var.store_outputs_name", terraform, StringComparison.Ordinal);
        Assert.Contains("variable \"uploads_per_execution\"", terraform, StringComparison.Ordinal);
    }

    /// <summary>Aspire's formats of references are functions of Bicep, which a definition has none of.</summary>
    [Fact]
    public async Task Reference_with_a_format_is_named_as_left_out()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var jobs = builder.AddAzureServiceBus("messaging").AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs)
                .WithScaleRule("load", "prometheus", new ScaleRuleMetadata
                {
                    { "serverAddress", ReferenceExpression.Create($"https://metrics/?of={builder.AddParameter("team"):uri}") },
                    { "query", "up" },
                    { "threshold", "5" },
                });
        });

        var definition = JobDefinitionFile.Read(published.JobDefinition("worker"));
        Assert.DoesNotContain("serverAddress", definition.Rules[0].Metadata.Keys);
        Assert.Contains(
            definition.Omitted!,
            sentence => sentence.StartsWith("'serverAddress' of the scale rule 'load', whose value", StringComparison.Ordinal));
    }

    /// <summary>The job is deployed after the template, which therefore has to tell what the job needs.</summary>
    [Fact]
    public async Task Outputs_are_outputs_of_the_template()
    {
        using var published = await PublishedTemplate.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var jobs = builder.AddAzureServiceBus("messaging").AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs)
                .WithScaleRule("uploads", "azure-queue", new ScaleRuleMetadata
                {
                    { "queueName", "uploads" },
                    { "accountName", Storage(builder).GetOutput("name") },
                }, builder.AddAzureUserAssignedIdentity("uploads-reader"));
        });

        Assert.Contains("output store_name string = store.outputs.name\n", published.Main, StringComparison.Ordinal);
        Assert.Contains("param store_outputs_name string\n", published.Module("worker"), StringComparison.Ordinal);
    }

    [Fact]
    public void Name_twice_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new ScaleRuleMetadata { { "queueName", "a" }, { "queueName", "b" } });

        Assert.StartsWith("The metadata already has 'queueName'.", error.Message, StringComparison.Ordinal);
    }

    private static IResourceBuilder<AzureProvisioningResource> Storage(IDistributedApplicationBuilder builder) =>
        builder.AddAzureInfrastructure("store", infrastructure =>
        {
            infrastructure.Add(new ProvisioningOutput("name", typeof(string)) { Value = "shopstore" });
            infrastructure.Add(new ProvisioningOutput("host", typeof(string)) { Value = "shopstore.example" });
        });
}
