using Aspire.Hosting;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>What docs/next-steps.md tells to write compiles and does what it says.</summary>
public class NextStepsTests
{
    [BicepFact]
    public async Task Private_namespace_is_premium_and_closed()
    {
        using var published = await Published.FromAsync(builder =>
        {
            var messaging = builder.AddAzureServiceBus("messaging");
            messaging.WithParameter("sku", "Premium").ConfigureInfrastructure(infrastructure =>
                infrastructure.GetProvisionableResources().OfType<ServiceBusNamespace>()
                    .Single().PublicNetworkAccess = ServiceBusPublicNetworkAccess.Disabled);
        });

        var template = (await BicepCompiler.CompileAsync(published.Folder))["messaging.module"];
        Assert.Equal("Disabled", (string?)ArmJson.Resources(template).Single()["properties"]!["publicNetworkAccess"]);
        Assert.Equal("Premium", (string?)published.Resources["messaging"]!["params"]!["sku"]);
    }
}
