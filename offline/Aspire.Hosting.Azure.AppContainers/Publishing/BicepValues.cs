using System.Globalization;
using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.Expressions;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>Values of the application model as Bicep: what another module produces becomes a parameter of this one.</summary>
internal sealed class BicepValues(AzureResourceInfrastructure infrastructure, ContainerAppEnvironmentContext environment)
{
    /// <exception cref="NotSupportedException">It is neither text nor an expression that the publisher knows.</exception>
    public (BicepValue<string> Value, bool IsSecret) Convert(object? value) => value switch
    {
        string text => (text, false),
        EndpointReference endpoint => Convert(endpoint.Property(EndpointProperty.Url)),
        // Before connection strings: one that is asked for as a parameter refers to itself.
        ParameterResource parameter => (Parameter(parameter, parameter.Secret), parameter.Secret),
        ConnectionStringReference reference => Convert(reference.Resource.ConnectionStringExpression),
        IResourceWithConnectionString resource => Convert(resource.ConnectionStringExpression),
        EndpointReferenceExpression endpoint => Convert(endpoint),
        ReferenceExpression { IsConditional: true } => throw new NotSupportedException(
            "The stand-in for Azure Container Apps does not publish conditional expressions."),
        ReferenceExpression expression => Convert(expression),
        IManifestExpressionProvider provider => (Parameter(provider), false),
        _ => throw new NotSupportedException($"Unsupported value type {value?.GetType().ToString() ?? "null"}"),
    };

    public ProvisioningParameter Parameter(IManifestExpressionProvider provider, bool isSecret = false) =>
        provider.AsProvisioningParameter(infrastructure, isSecure: isSecret);

    private (BicepValue<string> Value, bool IsSecret) Convert(ReferenceExpression expression)
    {
        var parts = expression.ValueProviders.Select(Convert).ToList();
        var isSecret = parts.Any(part => part.IsSecret);
        if (expression.Format == "{0}" && parts.Count == 1 && expression.StringFormats[0] is null)
        {
            return (parts[0].Value, isSecret);
        }

        var values = parts.Select((part, index) => expression.StringFormats[index]?.ToLowerInvariant() switch
        {
            null => part.Value,
            "uri" => new BicepValue<string>(new FunctionCallExpression(new IdentifierExpression("uriComponent"), part.Value.Compile())),
            var format => throw new NotSupportedException($"The format '{format}' cannot be written as Bicep."),
        });
        return (BicepFunction.Interpolate(FormattableStringFactory.Create(expression.Format, [.. values])), isSecret);
    }

    private (BicepValue<string> Value, bool IsSecret) Convert(EndpointReferenceExpression expression)
    {
        var owner = expression.Endpoint.Resource;
        if (environment.Find(owner) is not { } context)
        {
            // Deployed to another environment, which knows how it is reached.
            return owner.GetDeploymentTargetAnnotation()?.ComputeEnvironment is { } other
                ? Convert(other.GetEndpointPropertyExpression(expression))
                : throw new InvalidOperationException($"'{owner.Name}', whose endpoint is referred to, is not deployed to an environment.");
        }

        var endpoint = context.Endpoints[expression.Endpoint.EndpointName];
        return (expression.Property switch
        {
            EndpointProperty.Url => Address(endpoint, $"{endpoint.Scheme}://", endpoint.IsIngress ? "" : $":{Number(endpoint.Port)}"),
            EndpointProperty.Host or EndpointProperty.IPV4Host => Address(endpoint),
            EndpointProperty.Port => Number(endpoint.Port),
            EndpointProperty.HostAndPort => Address(endpoint, suffix: $":{Number(endpoint.Port)}"),
            EndpointProperty.TargetPort => endpoint.TargetPort is { } port ? Number(port) : Parameter(new ContainerPortReference(owner)),
            EndpointProperty.Scheme => endpoint.Scheme,
            EndpointProperty.TlsEnabled => endpoint.IsTls.ToString(),
            _ => throw new NotSupportedException($"{expression.Property} of an endpoint cannot be written as Bicep."),
        }, false);
    }

    private BicepValue<string> Address(ContainerAppEndpoint endpoint, string prefix = "", string suffix = "")
    {
        if (!endpoint.IsIngress)
        {
            return $"{prefix}{endpoint.Host}{suffix}";
        }

        var name = endpoint.IsExternal ? endpoint.Host : $"{endpoint.Host}.internal";
        return BicepFunction.Interpolate($"{prefix}{name}.{Parameter(environment.Environment.Output(EnvironmentOutputs.Domain))}{suffix}");
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
