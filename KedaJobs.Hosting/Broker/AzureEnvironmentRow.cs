using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Broker;

/// <summary>The dashboard row with which Aspire provisions Azure resources.</summary>
internal static class AzureEnvironmentRow
{
    /// <summary>Hides the row when there is nothing to provision: its commands would only confuse.</summary>
    public static void HideIfIdle(IDistributedApplicationBuilder builder, DistributedApplicationModel model)
    {
#pragma warning disable ASPIREAZURE001 // the resource's type is experimental; nothing but its row is touched
        var environment = model.Resources.OfType<AzureEnvironmentResource>().SingleOrDefault();
#pragma warning restore ASPIREAZURE001
        if (environment is not null && model.Resources.OfType<AzureBicepResource>().All(resource => resource.IsEmulator()))
        {
            builder.CreateResourceBuilder(environment).WithHidden();
        }
    }
}
