using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

/// <summary>take('NAME-${uniqueString(resourceGroup().id)}', MAX): readable, and different in every resource group.</summary>
public class DynamicResourceNamePropertyResolver : ResourceNamePropertyResolver
{
    public override BicepValue<string>? ResolveName(ProvisioningBuildOptions options, ProvisionableResource resource,
        ResourceNameRequirements requirements)
    {
        var prefix = SanitizeText(resource.BicepIdentifier, requirements.ValidCharacters);
        var separator = requirements.ValidCharacters switch
        {
            var valid when valid.HasFlag(ResourceNameCharacters.Hyphen) => "-",
            var valid when valid.HasFlag(ResourceNameCharacters.Underscore) => "_",
            var valid when valid.HasFlag(ResourceNameCharacters.Period) => ".",
            _ => "",
        };
        var suffix = GetUniqueSuffix(options, resource);
        return BicepFunction.Take(BicepFunction.Interpolate($"{prefix}{separator}{suffix}"), requirements.MaxLength);
    }

    protected virtual BicepValue<string> GetUniqueSuffix(ProvisioningBuildOptions options, ProvisionableResource resource) =>
        BicepFunction.GetUniqueString(BicepFunction.GetResourceGroup().Id);
}
