using Aspire.Hosting.ApplicationModel;
using Azure.Core;
using Azure.Provisioning;
using Azure.Provisioning.Authorization;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure;

public class AzureProvisioningResource : AzureBicepResource
{
    private string? _template;

    public AzureProvisioningResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : base(name)
    {
        ConfigureInfrastructure = configureInfrastructure;
    }

    public Action<AzureResourceInfrastructure> ConfigureInfrastructure { get; internal set; }

    public ProvisioningBuildOptions? ProvisioningBuildOptions { get; set; }

    public static T CreateExistingOrNewProvisionableResource<T>(AzureResourceInfrastructure infrastructure,
        Func<string, BicepValue<string>, T> createExisting, Func<AzureResourceInfrastructure, T> createNew)
        where T : ProvisionableResource
    {
        var resource = infrastructure.AspireResource;
        T created;
        if (resource.TryGetLastAnnotation<ExistingAzureResourceAnnotation>(out var existing))
        {
            created = createExisting(resource.GetBicepIdentifier(), ExistingAzureResources.Value(existing.Name, infrastructure));
            if (existing.ResourceGroup is not null)
            {
                resource.Scope = new AzureBicepResourceScope(existing.ResourceGroup);
            }
        }
        else
        {
            created = createNew(infrastructure);
        }

        infrastructure.Add(created);
        return created;
    }

    public static bool TryApplyExistingResourceAnnotation(IAzureResource aspireResource, AzureResourceInfrastructure infra,
        ProvisionableResource provisionableResource)
    {
        if (!aspireResource.TryGetLastAnnotation<ExistingAzureResourceAnnotation>(out var existing))
        {
            return false;
        }

        ((IBicepValue)provisionableResource.ProvisionableProperties["Name"]).Assign(ExistingAzureResources.Value(existing.Name, infra));

        // A role module of the resource is itself deployed to that group; any other module has to say where the resource is.
        if (existing.ResourceGroup is not null && !ReferenceEquals(existing.ResourceGroup, infra.AspireResource.Scope?.ResourceGroup))
        {
            var group = ExistingAzureResources.Value(existing.ResourceGroup, infra).Compile();
            IBicepValue scope = new BicepValue<string>(new FunctionCallExpression(new IdentifierExpression("resourceGroup"), group));
            scope.Self = new BicepValueReference(provisionableResource, "Scope", "scope");
            provisionableResource.ProvisionableProperties["Scope"] = scope;
        }

        return true;
    }

    public virtual ProvisionableResource AddAsExistingResource(AzureResourceInfrastructure infra) =>
        throw new NotImplementedException($"{GetType().Name} cannot be referred to from another module.");

    public virtual void AddRoleAssignments(IAddRoleAssignmentsContext roleAssignmentContext)
    {
        var infrastructure = roleAssignmentContext.Infrastructure;
        var scope = AddAsExistingResource(infrastructure);
        var scopeId = (BicepValue<ResourceIdentifier>)scope.ProvisionableProperties["Id"];
        var principalType = roleAssignmentContext.PrincipalType;
        var principalId = roleAssignmentContext.PrincipalId;
        foreach (var role in roleAssignmentContext.Roles)
        {
            var roleId = BicepFunction.GetSubscriptionResourceId("Microsoft.Authorization/roleDefinitions", role.Id);
            infrastructure.Add(new RoleAssignment($"{scope.BicepIdentifier}_{Infrastructure.NormalizeBicepIdentifier(role.Name)}")
            {
                Name = BicepFunction.CreateGuid(scopeId, principalId, roleId),
                Scope = new IdentifierExpression(scope.BicepIdentifier),
                PrincipalType = principalType,
                RoleDefinitionId = roleId,
                PrincipalId = principalId,
            });
        }
    }

    /// <summary>The template as it was first asked for.</summary>
    public override string GetBicepTemplateString() => _template ??= Generate();

    /// <summary>Generates the template anew: what customizes it is called once more.</summary>
    public override BicepTemplateFile GetBicepTemplateFile(string? directory = null, bool deleteTemporaryFileOnDispose = true) =>
        WriteTemplate(Name, Generate(), directory, deleteTemporaryFileOnDispose);

    private string Generate()
    {
        var infrastructure = new AzureResourceInfrastructure(this, Name);
        ConfigureInfrastructure(infrastructure);
        AlignParameters(infrastructure);
        return infrastructure.Build(ProvisioningBuildOptions).Compile().Values.Single();
    }

    // The module's parameters and what the deployer is told to give have to be the same.
    private void AlignParameters(AzureResourceInfrastructure infrastructure)
    {
        var declared = infrastructure.Parameters.ToList();
        foreach (var name in declared.Select(parameter => parameter.BicepIdentifier).Except(Parameters.Keys).ToList())
        {
            if (KnownParameters.IsKnown(name) && name != KnownParameters.Location)
            {
                Parameters[name] = null;
            }
        }

        foreach (var name in Parameters.Keys.Except(declared.Select(parameter => parameter.BicepIdentifier)))
        {
            infrastructure.Add(
                new ProvisioningParameter(name, typeof(string)) { IsSecure = Parameters[name] is ParameterResource { Secret: true } });
        }
    }
}
