using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;

namespace Aspire.Hosting.Azure;

/// <summary>Names of what is in Azure already: a text, or a parameter of the module.</summary>
internal static class ExistingAzureResources
{
    public static BicepValue<string> Value(object name, AzureResourceInfrastructure infrastructure) => name switch
    {
        string text => text,
        ParameterResource parameter => parameter.AsProvisioningParameter(infrastructure),
        BicepOutputReference output => output.AsProvisioningParameter(infrastructure),
        _ => throw new NotSupportedException($"An existing resource is named by text or by a parameter, not by {name.GetType().Name}."),
    };
}
