using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure.AppContainers;

public class AzureContainerAppEnvironmentResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
    : AzureProvisioningResource(name, configureInfrastructure), IAzureComputeEnvironmentResource, IContainerRegistry
{
    /// <summary>The registry that comes with the environment.</summary>
    public AzureContainerRegistryResource? ContainerRegistry { get; internal set; }

    public BicepOutputReference NameOutputReference => Output(EnvironmentOutputs.Name);

    ReferenceExpression IContainerRegistry.Name => ReferenceExpression.Create($"{Output(EnvironmentOutputs.RegistryName)}");

    ReferenceExpression IContainerRegistry.Endpoint => ReferenceExpression.Create($"{Output(EnvironmentOutputs.RegistryEndpoint)}");

    internal AzureLogAnalyticsWorkspaceResource? Workspace { get; set; }

    internal bool HasDashboard { get; set; } = true;

    internal bool UpgradesToHttps { get; set; } = true;

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

    /// <summary>Applications are known by their names, below a domain of the environment; "internal" is what nothing outside can reach.</summary>
    [Experimental("ASPIRECOMPUTE002")]
    public ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference)
    {
        var resource = endpointReference.Resource;
        var isExternal = resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal);
        var name = $"{resource.Name.ToLowerInvariant()}{(isExternal ? "" : ".internal")}";
        return ReferenceExpression.Create($"{name}.{Output(EnvironmentOutputs.Domain)}");
    }

    [Experimental("ASPIRECOMPUTE002")]
    public ReferenceExpression GetEndpointPropertyExpression(EndpointReferenceExpression endpointReferenceExpression)
    {
        var isHttps = UpgradesToHttps || endpointReferenceExpression.Endpoint.IsHttps;
        var (scheme, port) = isHttps ? ("https", "443") : ("http", "80");
        var host = GetHostAddressExpression(endpointReferenceExpression.Endpoint);
        return endpointReferenceExpression.Property switch
        {
            EndpointProperty.Url => ReferenceExpression.Create($"{scheme}://{host}"),
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.Port => ReferenceExpression.Create($"{port}"),
            EndpointProperty.HostAndPort => ReferenceExpression.Create($"{host}:{port}"),
            EndpointProperty.Scheme => ReferenceExpression.Create($"{scheme}"),
            EndpointProperty.TlsEnabled => ReferenceExpression.Create($"{isHttps.ToString()}"),
            _ => throw new NotSupportedException($"{endpointReferenceExpression.Property} is not known to the environment."),
        };
    }

    internal BicepOutputReference Output(string name) => new(name, this);
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
