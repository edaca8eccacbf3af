using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>What <c>aspire publish</c> writes of our own AppHost, by the arguments that the Aspire CLI passes on.</summary>
public class AppHostTemplateTests
{
    [BicepFact]
    public async Task Publish_writes_the_template_its_modules_and_the_job_definition()
    {
        using var folder = new TemporaryFolder("template");
        var (exitCode, output) = await PublishedAppHostFixture.RunAsync(
            "--operation", "publish", "--step", "publish", "--output-path", folder.FullName);

        Assert.True(exitCode == 0, output);
        Assert.Equal(
            [
                "env-acr/env-acr.bicep", "env/env.bicep", "jobs/worker.json", "main.bicep", "messaging/messaging.bicep",
                "producer-identity/producer-identity.bicep", "producer-roles-messaging/producer-roles-messaging.bicep",
                "producer/producer.bicep", "worker-identity/worker-identity.bicep",
                "worker-roles-messaging/worker-roles-messaging.bicep",
                "worker-scaler-roles-messaging/worker-scaler-roles-messaging.bicep", "worker-scaler/worker-scaler.bicep",
                "worker/worker.bicep",
            ],
            Directory.EnumerateFiles(folder.FullName, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder.FullName, file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        var templates = await BicepCompiler.CompileAsync(folder.FullName);
        Assert.Equal("Event", (string?)ArmJson.Resources(templates["worker"]).Single()["properties"]!["configuration"]!["triggerType"]);
        Assert.Equal(
            ["resourceGroupName", "location", "principalId"],
            templates["main"]["parameters"]!.AsObject().Select(parameter => parameter.Key));
        Assert.Contains(
            "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
            (string?)templates["main"]["$schema"]);
    }
}
