using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>
/// The names of scale rules' secrets, the same as in the published job (see <see cref="ScalerAccessWriter"/>): where an environment
/// variable's secret has the name for another value, the rule's gets one that is free.
/// </summary>
internal sealed class DefinedSecrets
{
    private readonly Dictionary<string, DefinedText> _values = new(StringComparer.Ordinal);

    /// <exception cref="JobDeclarationException">
    /// Two variables would be one secret, with two values. Container Apps would be given one of them for both.
    /// </exception>
    public DefinedSecrets(string job, IReadOnlyDictionary<string, DefinedText> variables)
    {
        foreach (var (name, value) in variables.Where(variable => variable.Value.Secrets.Any()))
        {
            var secret = SecretNames.OfVariable(name);
            if (!_values.TryAdd(secret, value) && !_values[secret].Equals(value))
            {
                var other = variables.Keys.First(key => SecretNames.OfVariable(key) == secret && variables[key].Secrets.Any());
                throw new JobDeclarationException(
                    $"{other} and {name} of '{job}' are both stored as the secret '{secret}', with two values. "
                    + "Rename one of the variables.");
            }
        }
    }

    public string NameOf(ScalerAccess.WithSecret access)
    {
        var value = new DefinedText([new TextPart.Secret(access.Secret.Name)]);
        var name = SecretNames.OfRule(access.SecretName, wanted => !_values.TryGetValue(wanted, out var taken) || taken.Equals(value));
        _values.TryAdd(name, value);
        return name;
    }
}
