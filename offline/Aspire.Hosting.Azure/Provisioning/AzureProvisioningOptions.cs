using Azure.Provisioning;

namespace Aspire.Hosting.Azure;

public sealed class AzureProvisioningOptions
{
    public ProvisioningBuildOptions ProvisioningBuildOptions { get; } = new();

    /// <summary>Whether each compute resource has an identity of its own, so that roles go to it and not to whoever deploys.</summary>
    public bool SupportsTargetedRoleAssignments { get; set; }
}
