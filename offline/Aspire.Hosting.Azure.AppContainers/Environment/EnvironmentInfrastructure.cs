using Azure.Core;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Authorization;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Roles;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>The module of an environment: identity that pulls images, logs, the environment itself, the dashboard in it.</summary>
internal static class EnvironmentInfrastructure
{
    private const string AcrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

    public static void Declare(AzureResourceInfrastructure infrastructure)
    {
        var resource = (AzureContainerAppEnvironmentResource)infrastructure.AspireResource;
        var identifier = resource.GetBicepIdentifier();
        infrastructure.Add(new ProvisioningParameter(AzureBicepResource.KnownParameters.UserPrincipalId, typeof(string)) { Value = "" });
        var tags = new ProvisioningParameter("tags", typeof(object)) { Value = new ObjectExpression() };
        infrastructure.Add(tags);

        var identity = new UserAssignedIdentity($"{identifier}_mi") { Tags = tags };
        infrastructure.Add(identity);
        var registry = (ContainerRegistryService)resource.ContainerRegistry!.AddAsExistingResource(infrastructure);
        infrastructure.Add(PullRole(registry, identity));

        var workspace = AddWorkspace(infrastructure, resource, tags);
        var environment = new ContainerAppManagedEnvironment(identifier)
        {
            WorkloadProfiles = [new ContainerAppWorkloadProfile { Name = "consumption", WorkloadProfileType = "Consumption" }],
            AppLogsConfiguration = new()
            {
                Destination = "log-analytics",
                LogAnalyticsConfiguration = new() { CustomerId = workspace.CustomerId, SharedKey = workspace.SharedKey },
            },
            Tags = tags,
        };
        infrastructure.Add(environment);
        if (resource.HasDashboard)
        {
            infrastructure.Add(new EnvironmentDashboard("aspireDashboard") { Name = "aspire-dashboard", Parent = environment });
        }

        AddOutput(EnvironmentOutputs.WorkspaceName, workspace.Name);
        AddOutput(EnvironmentOutputs.WorkspaceId, workspace.Id);
        AddOutput(EnvironmentOutputs.RegistryName, registry.Name);
        AddOutput(EnvironmentOutputs.RegistryEndpoint, registry.LoginServer);
        AddOutput(EnvironmentOutputs.RegistryIdentity, identity.Id);
        AddOutput(EnvironmentOutputs.Name, environment.Name);
        AddOutput(EnvironmentOutputs.Id, environment.Id);
        AddOutput(EnvironmentOutputs.Domain, environment.DefaultDomain);

        void AddOutput(string name, BicepValue value) =>
            infrastructure.Add(new ProvisioningOutput(name, typeof(string)) { Value = value.ToBicepExpression() });
    }

    private static OperationalInsightsWorkspace AddWorkspace(AzureResourceInfrastructure infrastructure,
        AzureContainerAppEnvironmentResource resource, ProvisioningParameter tags)
    {
        if (resource.Workspace is { } shared)
        {
            return (OperationalInsightsWorkspace)shared.AddAsExistingResource(infrastructure);
        }

        var workspace = OperationalInsightsWorkspace.Create($"{resource.GetBicepIdentifier()}_law");
        workspace.Tags = tags;
        infrastructure.Add(workspace);
        return workspace;
    }

    private static RoleAssignment PullRole(ContainerRegistryService registry, UserAssignedIdentity identity)
    {
        BicepValue<ResourceIdentifier> role = BicepFunction.GetSubscriptionResourceId("Microsoft.Authorization/roleDefinitions", AcrPull);
        return new RoleAssignment($"{registry.BicepIdentifier}_{identity.BicepIdentifier}_AcrPull")
        {
            Name = BicepFunction.CreateGuid(registry.Id, identity.Id, role),
            Scope = new IdentifierExpression(registry.BicepIdentifier),
            PrincipalType = RoleManagementPrincipalType.ServicePrincipal,
            RoleDefinitionId = role,
            PrincipalId = identity.PrincipalId,
        };
    }
}
