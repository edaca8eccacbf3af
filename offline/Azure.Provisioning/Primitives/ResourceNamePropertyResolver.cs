namespace Azure.Provisioning.Primitives;

/// <summary>A resource without a name gets one that fits its requirements.</summary>
public abstract class ResourceNamePropertyResolver : InfrastructureResolver
{
    protected ResourceNamePropertyResolver()
    {
    }

    public abstract BicepValue<string>? ResolveName(ProvisioningBuildOptions options, ProvisionableResource resource,
        ResourceNameRequirements requirements);

    public override void ResolveProperties(ProvisionableConstruct construct, ProvisioningBuildOptions options)
    {
        if (construct is ProvisionableResource resource
            && construct.ProvisionableProperties.TryGetValue("Name", out var property)
            && property is BicepValue<string> { IsEmpty: true, IsOutput: false } name
            && ResolveName(options, resource, resource.GetResourceNameRequirements()) is { } resolved)
        {
            name.Assign(resolved);
        }
    }

    protected static string SanitizeText(string text, ResourceNameCharacters validCharacters) =>
        string.Concat(text.Select(character => Sanitize(character, validCharacters)));

    private static string Sanitize(char character, ResourceNameCharacters valid)
    {
        // A letter of the wrong case changes its case; what cannot be written at all is left out.
        if (char.IsAsciiLetterUpper(character) && !valid.HasFlag(ResourceNameCharacters.UppercaseLetters))
        {
            character = char.ToLowerInvariant(character);
        }
        else if (char.IsAsciiLetterLower(character) && !valid.HasFlag(ResourceNameCharacters.LowercaseLetters))
        {
            character = char.ToUpperInvariant(character);
        }

        var needed = character switch
        {
            >= 'a' and <= 'z' => ResourceNameCharacters.LowercaseLetters,
            >= 'A' and <= 'Z' => ResourceNameCharacters.UppercaseLetters,
            >= '0' and <= '9' => ResourceNameCharacters.Numbers,
            '-' => ResourceNameCharacters.Hyphen,
            '_' => ResourceNameCharacters.Underscore,
            '.' => ResourceNameCharacters.Period,
            '(' or ')' => ResourceNameCharacters.Parentheses,
            _ => (ResourceNameCharacters)(-1),
        };
        return (valid & needed) == needed ? character.ToString() : "";
    }
}
