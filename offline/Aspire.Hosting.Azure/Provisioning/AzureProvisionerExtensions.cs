using Aspire.Hosting.Azure;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

public static class AzureProvisionerExtensions
{
    public static IDistributedApplicationBuilder AddAzureProvisioning(this IDistributedApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(AzureResourcePreparer)))
        {
            return builder;
        }

        builder.Services.AddSingleton<AzureResourcePreparer>();
        builder.Services.AddOptions<AzureProvisioningOptions>();
        builder.AddAzureEnvironment();
        if (builder.ExecutionContext.IsRunMode)
        {
            builder.Services.TryAddEventingSubscriber<AzureRunModeProvisioner>();
        }

        return builder;
    }
}
