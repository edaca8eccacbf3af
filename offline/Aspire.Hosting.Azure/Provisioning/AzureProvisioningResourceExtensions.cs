using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning;

namespace Aspire.Hosting;

public static class AzureProvisioningResourceExtensions
{
    public static IResourceBuilder<AzureProvisioningResource> AddAzureInfrastructure(this IDistributedApplicationBuilder builder,
        [ResourceName] string name, Action<AzureResourceInfrastructure> configureInfrastructure)
    {
        builder.AddAzureProvisioning();
        return builder.AddResource(new AzureProvisioningResource(name, configureInfrastructure));
    }

    public static IResourceBuilder<T> ConfigureInfrastructure<T>(
        this IResourceBuilder<T> builder, Action<AzureResourceInfrastructure> configure)
        where T : AzureProvisioningResource
    {
        builder.Resource.ConfigureInfrastructure += configure;
        return builder;
    }

    public static ProvisioningParameter AsProvisioningParameter(
        this ParameterResource parameterResource,
        AzureResourceInfrastructure infrastructure,
        string? parameterName = null) =>
        Add(infrastructure, parameterName ?? Infrastructure.NormalizeBicepIdentifier(parameterResource.Name), parameterResource,
            parameterResource.Secret);

    public static ProvisioningParameter AsProvisioningParameter(this IResourceBuilder<ParameterResource> parameterResourceBuilder,
        AzureResourceInfrastructure infrastructure, string? parameterName = null) =>
        parameterResourceBuilder.Resource.AsProvisioningParameter(infrastructure, parameterName);

    public static ProvisioningParameter AsProvisioningParameter(
        this BicepOutputReference outputReference,
        AzureResourceInfrastructure infrastructure,
        string? parameterName = null) =>
        Add(infrastructure, parameterName ?? NameOf(outputReference), outputReference, isSecure: false);

    public static ProvisioningParameter AsProvisioningParameter(
        this EndpointReference endpointReference,
        AzureResourceInfrastructure infrastructure,
        string parameterName) =>
        Add(infrastructure, parameterName, endpointReference, isSecure: false);

    public static ProvisioningParameter AsProvisioningParameter(
        this ReferenceExpression expression,
        AzureResourceInfrastructure infrastructure,
        string parameterName) =>
        Add(infrastructure, parameterName, expression, expression.ValueProviders.Any(value => value is ParameterResource { Secret: true }));

    public static ProvisioningParameter AsProvisioningParameter(this IManifestExpressionProvider manifestExpressionProvider,
        AzureResourceInfrastructure infrastructure, string? parameterName = null, bool? isSecure = null) =>
        Add(infrastructure, parameterName ?? NameOf(manifestExpressionProvider), manifestExpressionProvider,
            isSecure ?? manifestExpressionProvider is ParameterResource { Secret: true });

    // "{worker-identity.outputs.clientId}" is the parameter "worker_identity_outputs_clientid".
    private static string NameOf(IManifestExpressionProvider expression) =>
        Infrastructure.NormalizeBicepIdentifier(expression.ValueExpression.Trim('{', '}')).ToLowerInvariant();

    private static ProvisioningParameter Add(AzureResourceInfrastructure infrastructure, string name, object value, bool isSecure)
    {
        infrastructure.AspireResource.Parameters[name] = value;
        var parameter = infrastructure.Parameters.FirstOrDefault(candidate => candidate.BicepIdentifier == name);
        if (parameter is null)
        {
            parameter = new ProvisioningParameter(name, typeof(string));
            infrastructure.Add(parameter);
        }

        parameter.IsSecure |= isSecure;
        return parameter;
    }
}
