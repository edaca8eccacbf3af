using System.Text;

namespace KedaJobs.Planner.Export;

/// <summary>Names in the spelling of a target.</summary>
internal static class Names
{
    /// <summary>A shell variable, for instance WORKER_SCALER_CLIENT_ID.</summary>
    public static string ShellVariable(string name, string suffix = "") => $"{Identifier(name).ToUpperInvariant()}{suffix}";

    /// <summary>Letters, digits and '_' only, not starting with a digit.</summary>
    public static string Identifier(string name)
    {
        var identifier = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            identifier.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
        }

        return identifier.Length == 0 || char.IsAsciiDigit(identifier[0]) ? $"_{identifier}" : identifier.ToString();
    }
}
