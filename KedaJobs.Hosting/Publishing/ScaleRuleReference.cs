using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning;

namespace KedaJobs.Hosting.Publishing;

/// <summary>A value of a scale rule's metadata that is known at deployment.</summary>
/// <param name="Name">
/// What it is called wherever it is a parameter or a variable: in the job's module, in the definition and in what is exported from it.
/// </param>
/// <param name="Value">A parameter, an output of a resource, or an expression of such.</param>
internal sealed record ScaleRuleReference(string Name, IManifestExpressionProvider Value)
{
    /// <summary>Names the value as Aspire does where it has a name of its own, and otherwise after the rule.</summary>
    public static ScaleRuleReference Of(string rule, string key, IManifestExpressionProvider value) => value switch
    {
        ReferenceExpression { Format: "{0}", ValueProviders: [IManifestExpressionProvider only], StringFormats: [null] } =>
            Of(rule, key, only),
        ParameterResource parameter => new(Infrastructure.NormalizeBicepIdentifier(parameter.Name), parameter),
        BicepOutputReference output =>
            new(Infrastructure.NormalizeBicepIdentifier($"{output.Resource.Name}_outputs_{output.Name}").ToLowerInvariant(), output),
        _ => new(Infrastructure.NormalizeBicepIdentifier($"{rule}_metadata_{key}"), value),
    };

    /// <summary>The value as a parameter of the job's module.</summary>
    public ProvisioningParameter In(AzureResourceInfrastructure infrastructure) => Value switch
    {
        ParameterResource parameter => parameter.AsProvisioningParameter(infrastructure, Name),
        BicepOutputReference output => output.AsProvisioningParameter(infrastructure, Name),
        ReferenceExpression expression => expression.AsProvisioningParameter(infrastructure, Name),
        _ => Value.AsProvisioningParameter(infrastructure, Name),
    };
}
