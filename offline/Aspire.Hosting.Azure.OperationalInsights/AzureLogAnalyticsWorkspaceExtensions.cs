using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace Aspire.Hosting;

public static class AzureLogAnalyticsWorkspaceExtensions
{
    public static IResourceBuilder<AzureLogAnalyticsWorkspaceResource> AddAzureLogAnalyticsWorkspace(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name)
    {
        builder.AddAzureProvisioning();
        var workspace = new AzureLogAnalyticsWorkspaceResource(name, AzureLogAnalyticsWorkspaceResource.Declare);
        return builder.ExecutionContext.IsPublishMode ? builder.AddResource(workspace) : builder.CreateResourceBuilder(workspace);
    }
}
