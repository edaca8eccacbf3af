using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>
/// Values that the flags of az containerapp job create cannot take. Source: azure-cli, where a value of --env-vars that contains
/// <c>secretref:</c> names a secret, wherever it stands (<c>parse_env_var_flags</c>), and a word of --args or --command that begins with
/// '-' is a flag (Azure/azure-cli #27011); az reads a file for a word that begins with '@', and an empty word of --args means none.
/// </summary>
internal static class AzObstacles
{
    /// <summary>How az would misread them, the end of a sentence each.</summary>
    public static IEnumerable<string> Of(JobDefinition job)
    {
        foreach (var (name, value) in job.Environment)
        {
            if (!value.Secrets.Any() && JobParts.Text(job, value).Contains("secretref:"))
            {
                yield return $"it would treat the value of {name} as the name of a secret";
            }
        }

        foreach (var (flag, words) in (IEnumerable<(string, IReadOnlyList<DeployedText>)>)[
            ("command", JobParts.Command(job)), ("argument", JobParts.Arguments(job)),
        ])
        {
            foreach (var word in words.Index().Where(word => IsMisread(word.Item)))
            {
                yield return $"it takes {flag} {word.Index + 1} for a flag or a file, or for none";
            }
        }
    }

    // What a variable holds is not known here.
    private static bool IsMisread(DeployedText word) => word.Parts is not [string { Length: > 0 } first, ..] || first[0] is '-' or '@';
}
