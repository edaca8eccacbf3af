using Azure.Provisioning;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure;

public class AzureLogAnalyticsWorkspaceResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
    : AzureProvisioningResource(name, configureInfrastructure)
{
    public BicepOutputReference WorkspaceId => new("logAnalyticsWorkspaceId", this);

    public BicepOutputReference NameOutputReference => new("name", this);

    public override ProvisionableResource AddAsExistingResource(AzureResourceInfrastructure infra)
    {
        var workspace = OperationalInsightsWorkspace.FromExisting(this.GetBicepIdentifier());
        if (!TryApplyExistingResourceAnnotation(this, infra, workspace))
        {
            workspace.Name = NameOutputReference.AsProvisioningParameter(infra);
        }

        infra.Add(workspace);
        return workspace;
    }

    internal static void Declare(AzureResourceInfrastructure infrastructure)
    {
        var workspace = CreateExistingOrNewProvisionableResource(
            infrastructure,
            (identifier, existingName) =>
            {
                var existing = OperationalInsightsWorkspace.FromExisting(identifier);
                existing.Name = existingName;
                return existing;
            },
            infra =>
            {
                var created = OperationalInsightsWorkspace.Create(infra.AspireResource.GetBicepIdentifier());
                created.Tags.Add("aspire-resource-name", infra.AspireResource.Name);
                return created;
            });
        infrastructure.Add(new ProvisioningOutput("logAnalyticsWorkspaceId", typeof(string)) { Value = workspace.Id });
        infrastructure.Add(new ProvisioningOutput("name", typeof(string)) { Value = workspace.Name });
    }
}
