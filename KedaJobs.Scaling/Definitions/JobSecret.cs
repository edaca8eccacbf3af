namespace KedaJobs.Scaling.Definitions;

/// <summary>A secret of the job.</summary>
/// <param name="Name">Its name in the job.</param>
/// <param name="Value">Which secrets that are given at deployment it consists of.</param>
public sealed record JobSecret(string Name, DefinedText Value)
{
    /// <summary>
    /// A job's secrets in the order of their first use, each once: those that scale rules refer to, then those behind environment variables
    /// with a secret in them (see <see cref="SecretNames.OfVariable"/>).
    /// </summary>
    /// <param name="job">The job.</param>
    /// <returns>The secrets.</returns>
    public static IReadOnlyList<JobSecret> Of(JobDefinition job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return [.. Uses(job).Select(use => use.Secret).DistinctBy(secret => secret.Name, StringComparer.Ordinal)];
    }

    /// <summary>Every use of a secret, with the path of its field.</summary>
    internal static IEnumerable<(string Field, JobSecret Secret)> Uses(JobDefinition job) =>
    [
        .. from trigger in job.Triggers
           where trigger.Trigger.ConnectionSecret is not null
           select ($"{trigger.Field}.connectionSecret", Named(trigger.Trigger.ConnectionSecret!)),
        .. from rule in job.Rules.Index()
           from auth in rule.Item.Auth.Index()
           select ($"rules[{rule.Index}].auth[{auth.Index}].secretRef", Named(auth.Item.SecretRef)),
        .. from variable in job.Environment
           where variable.Value.Secrets.Any()
           select ($"environment.{variable.Key}", new JobSecret(SecretNames.OfVariable(variable.Key), variable.Value)),
    ];

    private static JobSecret Named(string secret) => new(secret, new([new TextPart.Secret(secret)]));
}
