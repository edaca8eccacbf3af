namespace KedaJobs.Scaling.Definitions;

/// <summary>What must hold of environment variables, arguments, metadata, and of the secrets and references in them.</summary>
internal static class TextRules
{
    public const string VariableNameRule = "must be letters, digits, '-', '.' and '_': it becomes the name of an environment variable";

    public static bool IsVariableName(string name) =>
        name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_');

    public static IEnumerable<(string Field, string Problem)> Problems(JobDefinition job)
    {
        foreach (var name in job.Environment.Keys.Where(name => !IsVariableName(name)))
        {
            yield return ($"environment.{name}", VariableNameRule);
        }

        foreach (var (field, part) in Texts(job).SelectMany(text => text.Text.Parts.Select(part => (text.Field, part))))
        {
            if (Problem(part) is { } problem)
            {
                yield return (field, problem);
            }
        }

        if (job.Namespace?.Existing is { Name.Fixed: "" })
        {
            yield return ("namespace.existing.name", "must be the namespace's name in Azure, or the parameter that holds it");
        }

        foreach (var (field, _, _) in Texts(job).Where(text => text.MustBePlain && text.Text.Secrets.Any()))
        {
            yield return (field, "must not hold a secret: it is not stored as one");
        }

        foreach (var name in job.Environment.Where(variable => variable.Value.Secrets.Any()).Select(variable => variable.Key))
        {
            if (!JobDefinitionRules.SecretName().IsMatch(SecretNames.OfVariable(name)))
            {
                yield return (
                    $"environment.{name}",
                    $"is stored as the secret '{SecretNames.OfVariable(name)}', which {JobDefinitionRules.SecretNameRule}: "
                    + "rename the variable");
            }
        }

        foreach (var problem in SharedNames(job))
        {
            yield return problem;
        }
    }

    /// <summary>Secrets of the same name are one secret, so they must have the same value.</summary>
    private static IEnumerable<(string, string)> SharedNames(JobDefinition job)
    {
        var first = new Dictionary<string, (string Field, JobSecret Secret)>(StringComparer.Ordinal);
        foreach (var use in JobSecret.Uses(job))
        {
            if (!first.TryAdd(use.Secret.Name, use) && first[use.Secret.Name] is var other && !other.Secret.Value.Equals(use.Secret.Value))
            {
                yield return (use.Field,
                    $"is stored as the secret '{use.Secret.Name}', and so is {other.Field}, which has another value: "
                    + "rename the environment variable, or the rule's secret");
            }
        }
    }

    private static string? Problem(TextPart part) => part switch
    {
        TextPart.Parameter { Name: var name } when !JobDefinitionRules.ResourceName().IsMatch(name) =>
            $"names the parameter '{name}', which {JobDefinitionRules.ResourceNameRule}",
        TextPart.Secret { Name: var name } when !IsVariableName(name) =>
            $"names the secret '{name}', which must be letters, digits, '-', '.' and '_'",
        TextPart.Reference { Expression: var expression } when !IsVariableName(expression) =>
            $"has the reference '{expression}', which must be letters, digits, '-', '.' and '_', for instance store.outputs.name",
        _ => null,
    };

    // Arguments may hold a secret, because Container Apps takes it: whoever exports them says that it can be read there.
    private static IEnumerable<(string Field, DefinedText Text, bool MustBePlain)> Texts(JobDefinition job) =>
    [
        .. job.Environment.Select(variable => ($"environment.{variable.Key}", variable.Value, false)),
        .. (job.Command ?? []).Select((text, index) => ($"command[{index}]", text, false)),
        .. (job.Arguments ?? []).Select((text, index) => ($"arguments[{index}]", text, false)),
        .. job.Rules.SelectMany((rule, index) => rule.Metadata.Select(item => ($"rules[{index}].metadata.{item.Key}", item.Value, true))),
        .. job.Namespace?.Existing is not { } existing ? Array.Empty<(string, DefinedText, bool)>() :
        [
            ("namespace.existing.name", existing.Name, true),
            .. existing.ResourceGroup is null
                ? Array.Empty<(string, DefinedText, bool)>()
                : [("namespace.existing.resourceGroup", existing.ResourceGroup, true)],
        ],
    ];
}
