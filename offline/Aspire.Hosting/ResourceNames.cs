using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>The rules for a resource's name: what a host name part allows, so that it can be used in addresses.</summary>
internal static class ResourceNames
{
    private const int MaxLength = 64;

    public static void Validate(IResource resource)
    {
        if (Problem(resource.Name) is { } problem)
        {
            throw new ArgumentException($"Resource name '{resource.Name}' is invalid. {problem}", nameof(resource));
        }
    }

    private static string? Problem(string name) => name switch
    {
        { Length: < 1 or > MaxLength } => $"Name must be between 1 and {MaxLength} characters long.",
        _ when name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-') => "Name must contain only ASCII letters, digits, and hyphens.",
        _ when !char.IsAsciiLetter(name[0]) => "Name must start with an ASCII letter.",
        _ when name.EndsWith('-') => "Name cannot end with a hyphen.",
        _ when name.Contains("--", StringComparison.Ordinal) => "Name cannot contain consecutive hyphens.",
        _ => null,
    };
}
