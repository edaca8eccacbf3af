namespace KedaJobs.Scaling.Definitions;

/// <summary>What the job's secrets are called. Source: the names that Aspire's Container Apps publisher gives them.</summary>
public static class SecretNames
{
    /// <summary>The secret behind an environment variable: its name in lower case, with '-' for '_'.</summary>
    /// <param name="variable">The variable, for instance <c>API_KEY</c>.</param>
    /// <returns>The secret's name, for instance <c>api-key</c>.</returns>
    public static string OfVariable(string variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return variable.Replace('_', '-').ToLowerInvariant();
    }

    /// <summary>A name for a scale rule's secret: the wanted one, or one with <c>-scaler</c> if another value already has it.</summary>
    /// <param name="wanted">The wanted name.</param>
    /// <param name="isFree">Whether a name is not taken, or taken by the same value.</param>
    /// <returns>The first of NAME, NAME-scaler, NAME-scaler-2 and so on that is free.</returns>
    public static string OfRule(string wanted, Func<string, bool> isFree)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(isFree);
        for (var attempt = 1; ; attempt++)
        {
            var name = attempt switch
            {
                1 => wanted,
                2 => $"{wanted}-scaler",
                _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{wanted}-scaler-{attempt - 1}"),
            };
            if (isFree(name))
            {
                return name;
            }
        }
    }
}
