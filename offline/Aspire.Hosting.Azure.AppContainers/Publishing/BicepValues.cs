using System.Globalization;
using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.Expressions;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>Values of the application model as Bicep: what another module produces becomes a parameter of this one.</summary>
internal sealed class BicepValues(AzureResourceInfrastructure infrastructure)
{
    public (BicepValue<string> Value, bool IsSecret) Convert(object? value) => value switch
    {
        null => ("", false),
        string text => (text, false),
        bool flag => (flag ? "true" : "false", false),
        IResourceBuilder<IResource> builder => Convert(builder.Resource),
        ConnectionStringReference reference => Convert(reference.Resource),
        // First: a connection string that is asked for as a parameter refers to itself.
        ParameterResource parameter => (((IManifestExpressionProvider)parameter).AsProvisioningParameter(infrastructure), parameter.Secret),
        IResourceWithConnectionString resource => Convert(resource.ConnectionStringExpression),
        EndpointReference endpoint => Convert(endpoint.Property(EndpointProperty.Url)),
        EndpointReferenceExpression endpoint => ContainerPorts.Convert(endpoint, this),
        ReferenceExpression expression => Convert(expression),
        IManifestExpressionProvider provider => (provider.AsProvisioningParameter(infrastructure), false),
        IFormattable formattable => (formattable.ToString(null, CultureInfo.InvariantCulture), false),
        _ => throw new NotSupportedException($"A value of type {value.GetType().Name} cannot be written as Bicep."),
    };

    private (BicepValue<string> Value, bool IsSecret) Convert(ReferenceExpression expression)
    {
        var parts = expression.ValueProviders.Select(Convert).ToList();
        var isSecret = parts.Any(part => part.IsSecret);
        if (expression.Format == "{0}" && expression.StringFormats[0] is null)
        {
            return (parts[0].Value, isSecret);
        }

        var values = parts.Select((part, index) => expression.StringFormats[index] switch
        {
            null => part.Value,
            "uri" => new BicepValue<string>(new FunctionCallExpression(new IdentifierExpression("uriComponent"), part.Value.Compile())),
            var format => throw new NotSupportedException($"The format '{format}' cannot be written as Bicep."),
        });
        return (BicepFunction.Interpolate(FormattableStringFactory.Create(expression.Format, [.. values])), isSecret);
    }
}
