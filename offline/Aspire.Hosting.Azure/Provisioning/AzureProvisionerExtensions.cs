using Aspire.Hosting.Azure;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

public static class AzureProvisionerExtensions
{
    public static IDistributedApplicationBuilder AddAzureProvisioning(this IDistributedApplicationBuilder builder)
    {
        if (!builder.TryAddBeforeStartStep<AzureResourcePreparer>(BeforeStartSteps.PrepareResources))
        {
            return builder;
        }

        builder.AddAzureEnvironment();
        builder.Services.AddOptions<AzureProvisioningOptions>();
        if (builder.ExecutionContext.IsRunMode)
        {
            builder.Services.TryAddEventingSubscriber<AzureRunModeProvisioner>();
        }

        return builder;
    }
}
