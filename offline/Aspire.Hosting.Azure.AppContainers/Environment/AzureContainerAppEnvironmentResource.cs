using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Azure.AppContainers;

public class AzureContainerAppEnvironmentResource : AzureProvisioningResource, IAzureComputeEnvironmentResource, IContainerRegistry
{
    public AzureContainerAppEnvironmentResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : base(name, configureInfrastructure)
    {
        // The targets of the deployment are no resources of the model: what they add to the pipeline is added here.
        Annotations.Add(new PipelineStepAnnotation(async context =>
        {
            List<PipelineStep> steps = [PrepareStep()];
            foreach (var (target, annotation) in Targets<PipelineStepAnnotation>(context.PipelineContext.Model))
            {
                steps.AddRange(await annotation
                    .CreateStepsAsync(new PipelineStepFactoryContext { PipelineContext = context.PipelineContext, Resource = target })
                    .ConfigureAwait(false));
            }

            return (IEnumerable<PipelineStep>)steps;
        }));
        Annotations.Add(new PipelineConfigurationAnnotation(async context =>
        {
            foreach (var (_, annotation) in Targets<PipelineConfigurationAnnotation>(context.Model))
            {
                await annotation.Callback(context).ConfigureAwait(false);
            }
        }));
    }

    /// <summary>The registry that comes with the environment.</summary>
    public AzureContainerRegistryResource? ContainerRegistry { get; internal set; }

    public BicepOutputReference NameOutputReference => Output(EnvironmentOutputs.Name);

    ReferenceExpression IContainerRegistry.Name => ReferenceExpression.Create($"{Output(EnvironmentOutputs.RegistryName)}");

    ReferenceExpression IContainerRegistry.Endpoint => ReferenceExpression.Create($"{Output(EnvironmentOutputs.RegistryEndpoint)}");

    internal AzureLogAnalyticsWorkspaceResource? Workspace { get; set; }

    internal bool HasDashboard { get; set; } = true;

    public override ProvisionableResource AddAsExistingResource(AzureResourceInfrastructure infra)
    {
        var environment = ContainerAppManagedEnvironment.FromExisting(this.GetBicepIdentifier());
        if (!TryApplyExistingResourceAnnotation(this, infra, environment))
        {
            environment.Name = NameOutputReference.AsProvisioningParameter(infra);
        }

        infra.Add(environment);
        return environment;
    }

    /// <summary>
    /// Applications are known by their names, below a domain of the environment; "internal" is what nothing outside can reach.
    /// </summary>
    [Experimental("ASPIRECOMPUTE002")]
    public ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference)
    {
        var name =
            $"{endpointReference.Resource.Name.ToLowerInvariant()}{(endpointReference.EndpointAnnotation.IsExternal ? "" : ".internal")}";
        return ReferenceExpression.Create($"{name}.{Output(EnvironmentOutputs.Domain)}");
    }

    [Experimental("ASPIRECOMPUTE002")]
    public ReferenceExpression GetEndpointPropertyExpression(EndpointReferenceExpression endpointReferenceExpression)
    {
        var endpoint = endpointReferenceExpression.Endpoint.EndpointAnnotation;
        var host = GetHostAddressExpression(endpointReferenceExpression.Endpoint);
        return endpointReferenceExpression.Property switch
        {
            EndpointProperty.Url => ReferenceExpression.Create($"https://{host}"),
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.Port => ReferenceExpression.Create($"443"),
            EndpointProperty.HostAndPort => ReferenceExpression.Create($"{host}:443"),
            EndpointProperty.Scheme => ReferenceExpression.Create($"https"),
            EndpointProperty.TargetPort when endpoint.TargetPort is { } target =>
                ReferenceExpression.Create($"{target.ToString(CultureInfo.InvariantCulture)}"),
            EndpointProperty.TlsEnabled => ReferenceExpression.Create($"{bool.TrueString}"),
            _ => throw new NotSupportedException($"{endpointReferenceExpression.Property} is not known to the environment."),
        };
    }

    internal BicepOutputReference Output(string name) => new(name, this);

    private PipelineStep PrepareStep() => new()
    {
        Name = $"prepare-azure-container-apps-{Name}",
        Description = $"Gives each resource for {Name} its deployment target.",
        Action = PrepareAsync,
        DependsOnSteps =
        [
            AzureEnvironmentResource.PrepareResourcesStepName, AzureContainerAppExtensions.ValidateStepName,
            WellKnownPipelineSteps.ValidateComputeEnvironments,
        ],
        RequiredBySteps = [WellKnownPipelineSteps.BeforeStart],
    };

    private async Task PrepareAsync(PipelineStepContext context)
    {
        if (!context.ExecutionContext.IsPublishMode)
        {
            return;
        }

        var options = context.Services.GetRequiredService<IOptions<AzureProvisioningOptions>>().Value;
        var environment = new ContainerAppEnvironmentContext(this, options);
        foreach (var resource in context.Model.GetComputeResources().ToList())
        {
            // The step runs before anything starts, and once more where a later step depends on it.
            if ((resource.GetComputeEnvironment() is { } chosen && chosen != this) || HasTarget(resource))
            {
                continue;
            }

            var target = await environment.AddAsync(resource, context.ExecutionContext, context.CancellationToken).ConfigureAwait(false);
            resource.Annotations.Add(new DeploymentTargetAnnotation(target) { ComputeEnvironment = this, ContainerRegistry = this });
        }
    }

    private bool HasTarget(IResource resource) =>
        resource.Annotations.OfType<DeploymentTargetAnnotation>().Any(target => target.ComputeEnvironment == this);

    private IEnumerable<(IResource Target, T Annotation)> Targets<T>(DistributedApplicationModel model)
        where T : IResourceAnnotation =>
        model.GetComputeResources()
            .Select(resource => resource.GetDeploymentTargetAnnotation(this)?.DeploymentTarget)
            .OfType<IResource>()
            .SelectMany(target => target.Annotations.OfType<T>().ToList(), (target, annotation) => (target, annotation));
}

/// <summary>What the environment's module tells the modules of the applications in it.</summary>
internal static class EnvironmentOutputs
{
    public const string WorkspaceName = "AZURE_LOG_ANALYTICS_WORKSPACE_NAME";
    public const string WorkspaceId = "AZURE_LOG_ANALYTICS_WORKSPACE_ID";
    public const string RegistryName = "AZURE_CONTAINER_REGISTRY_NAME";
    public const string RegistryEndpoint = "AZURE_CONTAINER_REGISTRY_ENDPOINT";
    public const string RegistryIdentity = "AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID";
    public const string Name = "AZURE_CONTAINER_APPS_ENVIRONMENT_NAME";
    public const string Id = "AZURE_CONTAINER_APPS_ENVIRONMENT_ID";
    public const string Domain = "AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN";
}
