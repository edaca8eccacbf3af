using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace Aspire.Hosting;

public static class AzureContainerRegistryExtensions
{
    public static IResourceBuilder<AzureContainerRegistryResource> AddAzureContainerRegistry(this IDistributedApplicationBuilder builder,
        [ResourceName] string name)
    {
        builder.AddAzureProvisioning();
        var registry = new AzureContainerRegistryResource(name, AzureContainerRegistryResource.Declare);
        return builder.ExecutionContext.IsPublishMode ? builder.AddResource(registry) : builder.CreateResourceBuilder(registry);
    }
}
