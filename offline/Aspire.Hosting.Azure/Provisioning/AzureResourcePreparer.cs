using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Azure;

/// <summary>
/// Turns the roles of a complete model into resources of their own: for the identity of each compute resource where it is published to an
/// environment that gives it one, and for whoever runs or deploys the application everywhere else.
/// </summary>
internal sealed class AzureResourcePreparer(
    IOptions<AzureProvisioningOptions> options, DistributedApplicationExecutionContext executionContext)
{
    private bool HasIdentities => executionContext.IsRunMode || options.Value.SupportsTargetedRoleAssignments;

    /// <summary>May be called again: what is there already is left alone.</summary>
    public async Task PrepareAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        var targets = model.Resources.OfType<AzureProvisioningResource>()
            .Where(resource => !resource.IsExcludedFromPublish() && resource.IsProvisioned()).ToList();
        if (targets.Count == 0)
        {
            return;
        }

        if (!HasIdentities)
        {
            RefuseIdentities(model);
            AddGlobalRoles(model, targets.ToDictionary(target => target, DefaultRoles));
        }
        else if (executionContext.IsRunMode)
        {
            AddGlobalRoles(model, await RolesOfRunModeAsync(model, targets, cancellationToken).ConfigureAwait(false));
        }
        else
        {
            await AddTargetedRolesAsync(model, cancellationToken).ConfigureAwait(false);
        }

        foreach (var resource in model.Resources.OfType<AzureProvisioningResource>())
        {
            resource.ProvisioningBuildOptions ??= options.Value.ProvisioningBuildOptions;
        }
    }

    private static void RefuseIdentities(DistributedApplicationModel model)
    {
        if (model.Resources.FirstOrDefault(resource => resource.HasAnnotationOfType<RoleAssignmentAnnotation>()
            || resource.HasAnnotationOfType<AppIdentityAnnotation>()) is { } resource)
        {
            throw new InvalidOperationException(
                $"'{resource.Name}' has role assignments or an identity, which need an environment that supports them: "
                + "add a compute environment.");
        }
    }

    // Each compute resource gets an identity, and that identity gets the roles. An identity may have roles of its own accord too.
    private async Task AddTargetedRolesAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        foreach (var resource in ResourcesWithRoles(model))
        {
            var declared = Declared(resource);
            foreach (var target in await ReferencesAsync(resource, cancellationToken).ConfigureAwait(false))
            {
                if (!declared.ContainsKey(target) && target.TryGetLastAnnotation<DefaultRoleAssignmentsAnnotation>(out var defaults))
                {
                    resource.Annotations.Add(new RoleAssignmentAnnotation(target, defaults.Roles));
                }
            }

            var roles = Declared(resource);
            if (roles.Count > 0)
            {
                AddRoles(model, resource, IdentityOf(model, resource), roles);
            }
        }
    }

    private async Task<Dictionary<AzureProvisioningResource, HashSet<RoleDefinition>>> RolesOfRunModeAsync(
        DistributedApplicationModel model, List<AzureProvisioningResource> targets, CancellationToken cancellationToken)
    {
        var granted = new Dictionary<AzureProvisioningResource, HashSet<RoleDefinition>>();
        foreach (var resource in ResourcesWithRoles(model))
        {
            var declared = Declared(resource);
            foreach (var target in await ReferencesAsync(resource, cancellationToken).ConfigureAwait(false))
            {
                var roles = declared.GetValueOrDefault(target) ?? DefaultRoles(target);
                if (!granted.TryAdd(target, roles))
                {
                    granted[target].UnionWith(roles);
                }
            }
        }

        foreach (var target in targets)
        {
            granted.TryAdd(target, DefaultRoles(target));
        }

        return granted;
    }

    private void AddGlobalRoles(DistributedApplicationModel model, Dictionary<AzureProvisioningResource, HashSet<RoleDefinition>> granted)
    {
        foreach (var (target, roles) in granted.Where(entry => entry.Value.Count > 0))
        {
            TryAdd(model, new AzureRoleAssignmentResource($"{target.Name}-roles", target, ownerResource: null, identityResource: null,
                infrastructure => target.AddRoleAssignments(
                    new AddRoleAssignmentsContext(infrastructure, executionContext, roles, identity: null)))
            {
                Scope = ScopeOf(target),
            });
        }
    }

    // A target without any role gets a module all the same, as the real publisher does.
    private void AddRoles(DistributedApplicationModel model, IResource owner, AzureUserAssignedIdentityResource identity,
        Dictionary<AzureProvisioningResource, HashSet<RoleDefinition>> roles)
    {
        foreach (var (target, set) in roles)
        {
            TryAdd(model, new AzureRoleAssignmentResource($"{owner.Name}-roles-{target.Name}", target, owner, identity,
                infrastructure => target.AddRoleAssignments(new AddRoleAssignmentsContext(infrastructure, executionContext, set, identity)))
            {
                Scope = ScopeOf(target),
            });
        }
    }

    private static void TryAdd(DistributedApplicationModel model, AzureRoleAssignmentResource roles)
    {
        if (!model.Resources.OfType<AzureRoleAssignmentResource>().Any(existing => existing.Name == roles.Name))
        {
            model.Resources.Add(roles);
        }
    }

    private static AzureUserAssignedIdentityResource IdentityOf(DistributedApplicationModel model, IResource resource)
    {
        if (resource is AzureUserAssignedIdentityResource itself)
        {
            return itself;
        }

        if (resource.TryGetLastAnnotation<AppIdentityAnnotation>(out var annotation)
            && annotation.IdentityResource is AzureUserAssignedIdentityResource declared)
        {
            return declared;
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

    private static HashSet<RoleDefinition> DefaultRoles(AzureProvisioningResource target) =>
        target.TryGetLastAnnotation<DefaultRoleAssignmentsAnnotation>(out var defaults) ? [.. defaults.Roles] : [];

    // What is said of one target in several places is added up.
    private static Dictionary<AzureProvisioningResource, HashSet<RoleDefinition>> Declared(IResource resource) =>
        resource.Annotations.OfType<RoleAssignmentAnnotation>()
            .GroupBy(annotation => annotation.Target, annotation => annotation.Roles)
            .ToDictionary(roles => roles.Key, roles => roles.SelectMany(set => set).ToHashSet());

    private static List<IResource> ResourcesWithRoles(DistributedApplicationModel model) =>
        [.. model.GetComputeResources(), .. model.Resources.OfType<AzureUserAssignedIdentityResource>()
            .Where(identity => !identity.IsExcludedFromPublish())];

    private async Task<IEnumerable<AzureProvisioningResource>> ReferencesAsync(IResource resource, CancellationToken cancellationToken)
    {
        var dependencies = await resource.GetResourceDependenciesAsync(
            executionContext, ResourceDependencyDiscoveryMode.DirectOnly, cancellationToken)
            .ConfigureAwait(false);
        return dependencies.OfType<AzureProvisioningResource>().Where(target => target.IsProvisioned());
    }
}
