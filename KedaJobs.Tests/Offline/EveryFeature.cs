using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>An AppHost that uses what publishers are easily wrong about, for the compiler to see all of it at once.</summary>
public sealed class EveryFeature : PublishFixture
{
    protected override void DeclareAll(IDistributedApplicationBuilder builder) => Declare(builder);

    internal static void Declare(IDistributedApplicationBuilder builder)
    {
        builder.AddAzureContainerAppEnvironment("cae1");
        var messaging = builder.AddAzureServiceBus("messaging")
            .PublishAsExisting(builder.AddParameter("busName"), resourceGroupParameter: null);
        var events = messaging.AddServiceBusTopic("events", "shop.events");
        var mine = events.AddServiceBusSubscription("mine").WithProperties(subscription =>
        {
            subscription.MaxDeliveryCount = 3;
            subscription.Rules.Add(new AzureServiceBusRule("big-ones")
            {
                CorrelationFilter = new() { Subject = "order", RequiresPreprocessing = true, Properties = { ["color"] = "red" } },
            });
            subscription.Rules.Add(new AzureServiceBusRule("small") { CorrelationFilter = new() { CorrelationId = "small" } });
        });
        var gateway = builder.AddProject<SampleProjects.Web>("gateway", launchProfileName: "http")
            .WithHttpEndpoint(targetPort: 9000, name: "admin")
            .WithHttpEndpoint(targetPort: 9001, name: "metrics")
            .WithEndpoint(targetPort: 9002, name: "raw")
            .WithEndpoint("http", endpoint => endpoint.IsExternal = true) // WithExternalHttpEndpoints opens all, and only one can be open
            .WithReference(messaging)
            .WithRoleAssignments(messaging);
        builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .WithReference(mine)
            .WithReference(builder.AddConnectionString("shop-database"))
            .WithEnvironment("API_KEY", builder.AddParameter("api-key", secret: true))
            .WithEnvironment("ADMIN", gateway.GetEndpoint("admin"))
            .WithEnvironment("SITE", gateway.GetEndpoint("http"))
            .WithArgs("--fast", gateway.GetEndpoint("raw").Property(EndpointProperty.HostAndPort))
            .PublishAsAzureContainerAppJob();
    }
}
