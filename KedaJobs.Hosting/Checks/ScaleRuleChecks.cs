using System.Globalization;
using System.Text.RegularExpressions;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Scale rules that stand beside the trigger's own. Any KEDA scaler is let through; of azure-servicebus we know the metadata and refuse
/// what KEDA would refuse. Source: KEDA's azure-servicebus scaler.
/// </summary>
internal static partial class ScaleRuleChecks
{
    private const string ServiceBusType = "azure-servicebus";

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { job.JobName };
        foreach (var rule in job.FurtherRules)
        {
            if (string.IsNullOrWhiteSpace(rule.Name))
            {
                yield return new(CheckCode.ScaleRuleName, job.Resource, "a scale rule has no name.", "Name each rule.");
            }
            else if (!RuleNamePattern().IsMatch(rule.Name))
            {
                yield return new(CheckCode.ScaleRuleName, job.Resource,
                    $"the scale rule name '{rule.Name}' is refused.",
                    "Use letters, digits, '-' and '_', beginning with a letter or digit.");
            }
            else if (!names.Add(rule.Name))
            {
                yield return new(CheckCode.ScaleRuleName, job.Resource,
                    $"the scale rule name '{rule.Name}' is used twice (the trigger's own rule is named '{job.JobName}').",
                    "Name each rule differently.");
            }

            foreach (var (problem, cure) in Problems(rule))
            {
                yield return new(CheckCode.ScaleRule, job.Resource, $"scale rule '{rule.Name}': {problem}", cure);
            }
        }
    }

    private static IEnumerable<(string Problem, string Cure)> Problems(CheckedScaleRule rule)
    {
        if (string.IsNullOrWhiteSpace(rule.Type))
        {
            yield return ("it has no type.", "Write the KEDA scaler's type, for instance \"azure-queue\".");
        }
        else if (rule.Type == ServiceBusType)
        {
            foreach (var problem in EntityProblems(rule).Concat(AccessProblems(rule)).Concat(NumberProblems(rule)))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<(string Problem, string Cure)> EntityProblems(CheckedScaleRule rule)
    {
        bool Has(string key) => !string.IsNullOrEmpty(rule.Metadata.GetValueOrDefault(key));
        var (queue, topic, subscription) = (Has("queueName"), Has("topicName"), Has("subscriptionName"));
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
        var connection = rule.SecretParameters.Contains("connection") || rule.Metadata.ContainsKey("connectionFromEnv");
        if (rule.HasIdentity && string.IsNullOrEmpty(rule.Metadata.GetValueOrDefault("namespace")))
        {
            yield return ("it uses an identity, but names no namespace.", "Write the namespace's name (not its host name) as metadata \"namespace\".");
        }
        else if (!rule.HasIdentity && !connection)
        {
            yield return ("it has neither an identity nor a connection.", "Give it an identity, or a secret for the trigger parameter \"connection\".");
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
