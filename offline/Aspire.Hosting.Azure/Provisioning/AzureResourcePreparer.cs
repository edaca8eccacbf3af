using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Azure;

/// <summary>
/// What happens to the Azure resources once the model is complete: roles become resources of their own, and in run mode every template is
/// written once and every resource waits for its provisioning.
/// </summary>
internal sealed class AzureResourcePreparer(IOptions<AzureProvisioningOptions> options, DistributedApplicationExecutionContext executionContext)
    : IBeforeStartStep
{
    public async Task RunAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        if (executionContext.IsPublishMode && options.Value.SupportsTargetedRoleAssignments)
        {
            await AddTargetedRolesAsync(model, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await AddGlobalRolesAsync(model, cancellationToken).ConfigureAwait(false);
        }

        foreach (var resource in model.Resources.OfType<AzureProvisioningResource>())
        {
            resource.ProvisioningBuildOptions ??= options.Value.ProvisioningBuildOptions;
        }

        if (executionContext.IsRunMode)
        {
            foreach (var resource in model.Resources.OfType<AzureBicepResource>().ToList())
            {
                resource.GetBicepTemplateString();
                resource.ProvisioningTaskCompletionSource = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    // Each compute resource gets an identity, and that identity gets the roles.
    private async Task AddTargetedRolesAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        foreach (var resource in ComputeResources(model))
        {
            var roles = Declared(resource);
            foreach (var target in await AzureReferences.FindAsync(resource, executionContext, cancellationToken).ConfigureAwait(false))
            {
                if (!roles.ContainsKey(target) && target.TryGetLastAnnotation<DefaultRoleAssignmentsAnnotation>(out var defaults))
                {
                    roles.Add(target, defaults.Roles);
                    resource.Annotations.Add(new RoleAssignmentAnnotation(target, defaults.Roles));
                }
            }

            if (roles.Values.Any(set => set.Count > 0))
            {
                AddRoles(model, resource, IdentityOf(model, resource), roles);
            }
        }

        // An identity may have roles of its own accord, without any resource that runs under it.
        foreach (var identity in model.Resources.OfType<AzureUserAssignedIdentityResource>().ToList())
        {
            AddRoles(model, identity, identity, Declared(identity));
        }
    }

    // Without identities the roles go to whoever runs or deploys the application.
    private async Task AddGlobalRolesAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        var targets = model.Resources.OfType<AzureProvisioningResource>()
            .Where(target => target.IsProvisioned() && target.HasAnnotationOfType<DefaultRoleAssignmentsAnnotation>()).ToList();
        if (targets.Count == 0)
        {
            return;
        }

        var granted = targets.ToDictionary(target => target, _ => new HashSet<RoleDefinition>());
        foreach (var resource in ComputeResources(model))
        {
            var declared = Declared(resource);
            if (declared.Count > 0 && executionContext.IsPublishMode)
            {
                throw new InvalidOperationException(
                    $"'{resource.Name}' has role assignments, which need an environment that gives it an identity: add a compute environment.");
            }

            foreach (var target in await AzureReferences.FindAsync(resource, executionContext, cancellationToken).ConfigureAwait(false))
            {
                if (granted.TryGetValue(target, out var set))
                {
                    set.UnionWith(declared.GetValueOrDefault(target) ?? target.Annotations.OfType<DefaultRoleAssignmentsAnnotation>().Last().Roles);
                }
            }
        }

        foreach (var (target, roles) in granted.Where(entry => entry.Value.Count > 0))
        {
            model.Resources.Add(new AzureRoleAssignmentResource($"{target.Name}-roles", target, ownerResource: null, identityResource: null,
                infrastructure => target.AddRoleAssignments(new AddRoleAssignmentsContext(infrastructure, executionContext, roles, identity: null)))
            {
                Scope = ScopeOf(target),
            });
        }
    }

    private void AddRoles(DistributedApplicationModel model, IResource owner, AzureUserAssignedIdentityResource identity,
        Dictionary<AzureProvisioningResource, IReadOnlySet<RoleDefinition>> roles)
    {
        foreach (var (target, set) in roles.Where(entry => entry.Value.Count > 0))
        {
            model.Resources.Add(new AzureRoleAssignmentResource($"{owner.Name}-roles-{target.Name}", target, owner, identity,
                infrastructure => target.AddRoleAssignments(new AddRoleAssignmentsContext(infrastructure, executionContext, set, identity)))
            {
                Scope = ScopeOf(target),
            });
        }
    }

    private static AzureUserAssignedIdentityResource IdentityOf(DistributedApplicationModel model, IResource resource)
    {
        if (resource.TryGetLastAnnotation<AppIdentityAnnotation>(out var annotation))
        {
            return annotation.IdentityResource as AzureUserAssignedIdentityResource
                ?? throw new NotSupportedException($"The identity of '{resource.Name}' is no user-assigned identity of the application model.");
        }

        var identity = new AzureUserAssignedIdentityResource($"{resource.Name}-identity");
        model.Resources.Add(identity);
        resource.Annotations.Add(new AppIdentityAnnotation(identity));
        return identity;
    }

    private static AzureBicepResourceScope? ScopeOf(AzureProvisioningResource target) =>
        target.TryGetLastAnnotation<ExistingAzureResourceAnnotation>(out var existing) && existing.ResourceGroup is { } group
            ? new AzureBicepResourceScope(group)
            : null;

    // What is said of one target in several places is added up.
    private static Dictionary<AzureProvisioningResource, IReadOnlySet<RoleDefinition>> Declared(IResource resource) =>
        resource.Annotations.OfType<RoleAssignmentAnnotation>()
            .GroupBy(annotation => annotation.Target, annotation => annotation.Roles)
            .ToDictionary(roles => roles.Key, IReadOnlySet<RoleDefinition> (roles) => roles.SelectMany(set => set).ToHashSet());

    private static List<IResource> ComputeResources(DistributedApplicationModel model) =>
        [.. model.Resources.Where(resource => resource is IComputeResource && !resource.IsExcludedFromPublish())];
}
