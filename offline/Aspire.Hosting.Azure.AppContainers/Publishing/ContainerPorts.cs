using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>How the HTTP endpoints of a resource are reached: by one ingress, from outside or only from within the environment.</summary>
internal sealed class ContainerPorts(IResource resource, AzureContainerAppEnvironmentResource environment)
{
    private const int DefaultTargetPort = 8080;

    private readonly List<EndpointAnnotation> _endpoints = [.. resource.Annotations.OfType<EndpointAnnotation>()];

    /// <summary>The SDK that builds a project's image chooses its port, so the deployer has to tell it.</summary>
    private bool IsChosenByImage => resource is ProjectResource && _endpoints.Count > 0 && _endpoints.Any(endpoint => endpoint.TargetPort is null);

    public static (BicepValue<string> Value, bool IsSecret) Convert(EndpointReferenceExpression expression, BicepValues values)
    {
        var owner = expression.Endpoint.Resource;
        if (expression.Property == EndpointProperty.TargetPort)
        {
            return expression.Endpoint.TargetPort is { } port
                ? (port.ToString(CultureInfo.InvariantCulture), false)
                : values.Convert(owner is ProjectResource ? new ContainerPortReference(owner) : DefaultTargetPort);
        }

        var environment = owner.GetDeploymentTargetAnnotation()?.ComputeEnvironment as AzureContainerAppEnvironmentResource
            ?? throw new InvalidOperationException($"Endpoint '{expression.Endpoint.EndpointName}' of '{owner.Name}' is not deployed to Azure Container Apps.");
        return values.Convert(environment.GetEndpointPropertyExpression(expression));
    }

    public void AddParameter(AzureResourceInfrastructure infrastructure)
    {
        if (IsChosenByImage)
        {
            Parameter(infrastructure);
        }
    }

    public void AddIngress(AzureResourceInfrastructure infrastructure, ContainerAppConfiguration configuration)
    {
        if (_endpoints.Count == 0)
        {
            return;
        }

        if (_endpoints.Any(endpoint => endpoint.UriScheme is not ("http" or "https")) || TargetPorts().Count() > 1)
        {
            throw new NotSupportedException($"'{resource.Name}' has more than the one HTTP port that the stand-in for Azure Container Apps publishes.");
        }

        configuration.Ingress = new ContainerAppIngressConfiguration
        {
            External = _endpoints.Any(endpoint => endpoint.IsExternal),
            TargetPort = IsChosenByImage
                ? new FunctionCallExpression(new IdentifierExpression("int"), new IdentifierExpression(Parameter(infrastructure).BicepIdentifier))
                : TargetPorts().Single() ?? DefaultTargetPort,
            Transport = _endpoints.Any(endpoint => endpoint.Transport == "http2")
                ? ContainerAppIngressTransportMethod.Http2
                : ContainerAppIngressTransportMethod.Http,
        };
        if (!environment.UpgradesToHttps)
        {
            configuration.Ingress.AllowInsecure = _endpoints.Any(endpoint => endpoint.UriScheme == "http");
        }
    }

    private IEnumerable<int?> TargetPorts() => _endpoints.Select(endpoint => endpoint.TargetPort).Distinct();

    private ProvisioningParameter Parameter(AzureResourceInfrastructure infrastructure)
    {
        IManifestExpressionProvider port = new ContainerPortReference(resource);
        return port.AsProvisioningParameter(infrastructure);
    }
}
