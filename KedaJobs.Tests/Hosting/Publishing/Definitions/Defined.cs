using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing.Definitions;

/// <summary>Small models published, and the definition of their worker.</summary>
internal static class Defined
{
    public static async Task<JobDefinition> DefineAsync(
        Action<IDistributedApplicationBuilder, IResourceBuilder<AzureServiceBusResource>> declare)
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            declare(builder, builder.AddAzureServiceBus("messaging"));
        });

        // Reading it back refuses what the planner would refuse.
        return JobDefinitionFile.Read(published.JobDefinition("worker"));
    }

    public static IResourceBuilder<AzureServiceBusQueueResource> Queue(IDistributedApplicationBuilder builder, string name) =>
        builder.CreateResourceBuilder<AzureServiceBusQueueResource>(name);

    // Records compare their lists by reference; the same objects in JSON are the same.
    public static void AssertSame<T>(IReadOnlyList<T> expected, IReadOnlyList<T> actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
}
