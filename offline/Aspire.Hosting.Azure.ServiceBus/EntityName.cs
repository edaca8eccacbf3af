using System.Runtime.CompilerServices;

namespace Aspire.Hosting.Azure;

internal static class EntityName
{
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="ArgumentNullException">There is no name.</exception>
    public static string NotEmpty(string? name, [CallerArgumentExpression(nameof(name))] string? parameter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        return name;
    }
}
