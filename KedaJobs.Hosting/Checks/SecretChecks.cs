using KedaJobs.Hosting.Publishing;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Secrets that are not treated as such, or that Azure would mix up. Source of the secrets' names: Aspire's Container Apps publisher, which
/// makes one of each environment variable's name.
/// </summary>
internal static class SecretChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var plain = job.FurtherRules.Where(rule => rule.PlainSecret is not null)
            .Select(rule => (Where: $"scale rule '{rule.Name}' signs in", rule.PlainSecret));
        if (job.PlainConnection is not null)
        {
            plain = plain.Prepend(("its triggers' rules sign in (WithScalerConnection)", job.PlainConnection));
        }

        foreach (var (where, parameter) in plain)
        {
            yield return new(CheckCode.PlainSecret, job.Resource,
                $"{where} with the parameter '{parameter}', which is not marked secret: its value would be readable in the deployment.",
                $"Write AddParameter(\"{parameter}\", secret: true).");
        }

        foreach (var rule in job.FurtherRules)
        {
            foreach (var name in rule.SecretMetadata.Concat(
                rule.Metadata.Where(entry => SecretValues.HoldsKey(entry.Value)).Select(entry => entry.Key)))
            {
                yield return new(CheckCode.PublishedSecret, job.Resource,
                    $"scale rule '{rule.Name}': metadata '{name}' is a secret, and everyone who can read the job can read its metadata.",
                    "Pass it to WithScaleRule as a secret parameter, with the scaler's parameter that takes it.");
            }
        }

        foreach (var sharing in job.SecretVariables.GroupBy(entry => SecretName(entry.Variable))
            .Where(sharing => sharing.DistinctBy(entry => entry.Value).Count() > 1))
        {
            yield return new(CheckCode.SecretNames, job.Resource,
                $"the environment variables {string.Join(" and ", sharing.Select(entry => $"'{entry.Variable}'"))} become one secret in "
                + $"Azure, '{sharing.Key}': "
                + "all of them would get the value of the first.",
                "Give them names that differ in more than case, '-' and '_'.");
        }

        if (job.HasSecretArgument)
        {
            yield return new(CheckCode.SecretArgument, job.Resource,
                "one of its arguments holds a secret: in Azure, everyone who can read the job can read it, "
                    + "and on this machine the process list shows it.",
                "Pass it as an environment variable.");
        }
    }

    private static string SecretName(string variable) => variable.Replace('_', '-').ToLowerInvariant();
}
