using System.Globalization;
using System.Text.RegularExpressions;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Scale rules. Any KEDA scaler is let through; of azure-servicebus and cron we know what their metadata may be and refuse what KEDA would
/// refuse. Sources: KEDA's scalers of these types.
/// </summary>
internal static partial class ScaleRuleChecks
{
    public const string ServiceBusType = "azure-servicebus";

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        foreach (var finding in Names(job))
        {
            yield return finding;
        }

        if (job.HasScalerConnection && job.Triggers.Select(trigger => trigger.Namespace).Distinct().Count() > 1)
        {
            yield return new(CheckCode.ScaleRule, job.Resource,
                "its triggers are in more than one namespace, but WithScalerConnection gives their rules the connection string "
                    + "of one of them.",
                "Let the rules sign in with an identity: remove WithScalerConnection, or use WithScalerIdentity.");
        }

        foreach (var rule in job.FurtherRules)
        {
            foreach (var (problem, cure) in Problems(rule))
            {
                yield return new(CheckCode.ScaleRule, job.Resource, $"scale rule '{rule.Name}': {problem}", cure);
            }

            if (string.IsNullOrWhiteSpace(rule.Type))
            {
                continue;
            }

            foreach (var finding in MetadataChecks.Run(job, rule).Concat(AzureRuleChecks.Run(job, rule)))
            {
                yield return finding;
            }

            if (rule.Type != CronTrigger.Type)
            {
                yield return new(CheckCode.RuleInAzureOnly, job.Resource,
                    $"scale rule '{rule.Name}' of type '{rule.Type}' is not evaluated on this machine: it starts executions in Azure only.",
                    rule.Type == ServiceBusType
                        ? "Declare the queue or subscription in the AppHost and pass it to WithTrigger, "
                            + "which is also evaluated on this machine."
                        : "On this machine, start executions from the dashboard or a test.");
            }
            else if (rule.References.Count > 0)
            {
                yield return new(CheckCode.RuleInAzureOnly, job.Resource,
                    $"scale rule '{rule.Name}' is not evaluated on this machine: "
                        + $"{string.Join(", ", rule.References)} is known only at deployment.",
                    "To start executions on this machine too, write the values as text.");
            }
        }
    }

    /// <summary>The path of the entity that a rule of type azure-servicebus counts; null where it names none.</summary>
    public static string? EntityOf(CheckedScaleRule rule) => rule.Metadata.GetValueOrDefault("queueName") is { Length: > 0 } queue ? queue
        : rule.Metadata.GetValueOrDefault("topicName") is { Length: > 0 } topic
            && rule.Metadata.GetValueOrDefault("subscriptionName") is { Length: > 0 } subscription
        ? $"{topic}/Subscriptions/{subscription}"
        : null;

    private static IEnumerable<CheckFinding> Names(CheckedJob job)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { job.JobName };
        foreach (var name in job.Triggers.Select(trigger => trigger.RuleName).OfType<string>()
            .Concat(job.FurtherRules.Select(rule => rule.Name)))
        {
            if (string.IsNullOrWhiteSpace(name))
            {
                yield return new(CheckCode.ScaleRuleName, job.Resource, "a scale rule has no name.", "Name each rule.");
            }
            else if (!RuleNamePattern().IsMatch(name))
            {
                yield return new(CheckCode.ScaleRuleName, job.Resource,
                    $"the scale rule name '{name}' is invalid.",
                    "Use letters, digits, '-' and '_', beginning with a letter or digit.");
            }
            else if (!names.Add(name))
            {
                yield return new(CheckCode.ScaleRuleName, job.Resource,
                    $"the scale rule name '{name}' is used twice (the rule of AsEventJob is named '{job.JobName}').",
                    "Name each rule differently.");
            }
        }
    }

    private static IEnumerable<(string Problem, string Cure)> Problems(CheckedScaleRule rule)
    {
        if (string.IsNullOrWhiteSpace(rule.Type))
        {
            yield return ("it has no type.", "Write the KEDA scaler's type, for instance \"azure-queue\".");
        }
        else if (rule.Type == CronTrigger.Type)
        {
            // A value that is known only at deployment may be valid.
            foreach (var problem in rule.References.Count == 0 ? CronTrigger.Parse(rule.Metadata).Problems : [])
            {
                yield return problem;
            }
        }
        else if (rule.Type == ServiceBusType)
        {
            foreach (var problem in EntityProblems(rule).Concat(AccessProblems(rule)).Concat(NumberProblems(rule)))
            {
                yield return problem;
            }
        }

        foreach (var problem in AzureRuleChecks.Problems(rule))
        {
            yield return problem;
        }
    }

    private static IEnumerable<(string Problem, string Cure)> EntityProblems(CheckedScaleRule rule)
    {
        var (queue, topic, subscription) = (rule.Has("queueName"), rule.Has("topicName"), rule.Has("subscriptionName"));
        if (queue && (topic || subscription))
        {
            yield return ("it names a queue and a topic or subscription.", "Write queueName, or topicName with subscriptionName.");
        }
        else if (!queue && !(topic && subscription))
        {
            yield return ("it does not say what to count.", "Write queueName, or topicName with subscriptionName.");
        }

        var regex = rule.Metadata.GetValueOrDefault("useRegex");
        if (regex is not (null or "true" or "false"))
        {
            yield return ($"useRegex is '{regex}'.", "Write \"true\" or \"false\".");
        }

        var operation = rule.Metadata.GetValueOrDefault("operation");
        if (operation is not (null or "sum" or "max" or "avg"))
        {
            yield return ($"operation is '{operation}'.", "Write \"sum\", \"max\" or \"avg\".");
        }
    }

    private static IEnumerable<(string Problem, string Cure)> AccessProblems(CheckedScaleRule rule)
    {
        var connection = rule.SecretParameters.Contains("connection") || rule.Has("connectionFromEnv");
        if (rule.HasIdentity && !rule.Has("namespace"))
        {
            yield return (
                "it uses an identity, but names no namespace.",
                "Write the namespace's name (not its host name) as metadata \"namespace\".");
        }
        else if (!rule.HasIdentity && !connection)
        {
            yield return (
                "it has neither an identity nor a connection.",
                "Give it an identity, or a secret for the trigger parameter \"connection\".");
        }
    }

    private static IEnumerable<(string Problem, string Cure)> NumberProblems(CheckedScaleRule rule) =>
        from limit in new[] { (Key: "messageCount", Least: 1L), (Key: "activationMessageCount", Least: 0L) }
        let text = rule.Metadata.GetValueOrDefault(limit.Key)
        where text is not null && !(long.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= limit.Least)
        select ($"{limit.Key} is '{text}'.", $"Write a whole number from {limit.Least} as a string.");

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    private static partial Regex RuleNamePattern();
}
