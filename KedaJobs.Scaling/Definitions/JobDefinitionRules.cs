using System.Text.RegularExpressions;
using KedaJobs.Scaling.Schedules;

namespace KedaJobs.Scaling.Definitions;

/// <summary>What must hold in a definition beyond the types of its fields.</summary>
internal static partial class JobDefinitionRules
{
    internal const string ResourceNameRule = "must be letters, digits, '-' and '_', starting with a letter or digit";
    internal const string EntityNameRule = "must be letters, digits, '.', '-', '_' and '/', starting and ending with a letter or digit";
    internal const string SecretNameRule =
        "must be a secret's name: lowercase letters, digits, '.' and '-', starting and ending with a letter or digit";

    /// <summary>Everything that is wrong, as the field's path and what to write.</summary>
    public static IEnumerable<(string Field, string Problem)> Problems(JobDefinition job)
    {
        if (job.SchemaVersion != JobDefinition.CurrentSchemaVersion)
        {
            // Nothing else can be checked in another version.
            return [
                ("schemaVersion", $"is {job.SchemaVersion}, and only {JobDefinition.CurrentSchemaVersion} can be read: "
                    + "write the definition and read it with the same version of KedaJobs")
            ];
        }

        return Kind(job)
            .Concat(Names(job))
            .Concat(Numbers(job))
            .Concat(EntityRules.Problems(job))
            .Concat(job.Triggers.SelectMany(trigger => Trigger(job, trigger.Field, trigger.Trigger)))
            .Concat(Rules(job))
            .Concat(TextRules.Problems(job));
    }

    /// <summary>Each kind of job has fields of its own.</summary>
    private static IEnumerable<(string, string)> Kind(JobDefinition job)
    {
        var isEvent = job.TriggerType == JobTriggerType.Event;
        if (isEvent && job.Trigger is null)
        {
            yield return (
                "trigger", "is missing: name the queue or subscription that starts executions (or set triggerType to schedule or manual)");
        }

        if (job.Namespace is null && (isEvent || job.Queues.Count > 0 || job.Topics.Count > 0))
        {
            yield return ("namespace", "is missing: name the Service Bus namespace of the queues and topics");
        }

        var kind = job.TriggerType == JobTriggerType.Schedule ? "schedule" : "manual";
        (string Field, bool IsGiven)[] ofEventJobs =
            [
                ("trigger", job.Trigger is not null), ("furtherTriggers", job.FurtherTriggers is not null), ("rules", job.Rules.Count > 0),
                ("scale", job.WrittenScale is not null),
            ];
        foreach (var (field, _) in ofEventJobs.Where(field => !isEvent && field.IsGiven))
        {
            yield return (field, $"must be left out: triggerType is {kind}, and only an event job has it");
        }

        if (job.TriggerType != JobTriggerType.Schedule)
        {
            if (job.Schedule is not null)
            {
                yield return ("schedule", "must be left out, or triggerType must be schedule");
            }
        }
        else if (job.Schedule is null)
        {
            yield return ("schedule", "is missing: write a cron expression with five fields, in UTC");
        }
        else if (CronSchedule.Parse(job.Schedule).Problem is { } problem)
        {
            yield return ("schedule", $"{problem}; times are UTC, for instance 0 3 * * * (every night at three)");
        }
    }

    private static IEnumerable<(string, string)> Names(JobDefinition job)
    {
        if (!JobName().IsMatch(job.Name) || job.Name.Contains("--", StringComparison.Ordinal))
        {
            yield return (
                "name",
                "must be at most 31 lowercase letters, digits and single '-', starting with a letter and ending with a letter or digit");
        }

        if (job.Namespace is { } bus && !ResourceName().IsMatch(bus.Name))
        {
            yield return ("namespace.name", ResourceNameRule);
        }

        if (job.WorkloadProfile is { } profile && !ResourceName().IsMatch(profile))
        {
            yield return ("workloadProfile", ResourceNameRule);
        }

        if (job.WorkloadProfileNodes is { } nodes)
        {
            if (job.WorkloadProfile is null)
            {
                yield return ("workloadProfileNodes", "must be left out, or workloadProfile must name the profile");
            }

            if (!ResourceName().IsMatch(nodes.Type))
            {
                yield return ("workloadProfileNodes.type", "must be the type of the nodes, for instance D4");
            }

            if (nodes.MinimumCount < 0 || nodes.MaximumCount < 1 || nodes.MinimumCount > nodes.MaximumCount)
            {
                yield return (
                    "workloadProfileNodes",
                    "must have a minimumCount of at least 0, and a maximumCount of at least 1 that is not below it");
            }
        }

        if (job.Image is { } image
            && (image.Length == 0 || image.Any(character => char.IsWhiteSpace(character) || char.IsControl(character))))
        {
            yield return ("image", "must be the name of a container image, without spaces");
        }

        foreach (var (index, identity) in job.Identities.Index())
        {
            if (!ResourceName().IsMatch(identity.Name) || identity.Name == ScaleRuleDefinition.SystemIdentity)
            {
                yield return ($"identities[{index}].name", $"{ResourceNameRule}, and not '{ScaleRuleDefinition.SystemIdentity}'");
            }
            else if (job.Identities.Take(index).Any(other => other.Name == identity.Name))
            {
                yield return ($"identities[{index}].name", $"'{identity.Name}' appears twice");
            }
        }
    }

    private static IEnumerable<(string, string)> Numbers(JobDefinition job)
    {
        (string Field, decimal Value, decimal Least)[] numbers =
        [
            ("execution.replicaTimeoutSeconds", job.Execution.ReplicaTimeoutSeconds, 1),
            ("execution.replicaRetryLimit", job.Execution.ReplicaRetryLimit, 0),
            ("execution.parallelism", job.Execution.Parallelism, 1),
            ("execution.replicaCompletionCount", job.Execution.ReplicaCompletionCount, 1),
            ("scale.pollingIntervalSeconds", job.Scale.PollingIntervalSeconds, 1),
            ("scale.minExecutions", job.Scale.MinExecutions, 0),
            ("scale.maxExecutions", job.Scale.MaxExecutions, 1),
            .. job.Triggers.Select(trigger => ($"{trigger.Field}.messageCount", (decimal)trigger.Trigger.MessageCount, 1m)),
            .. job.Triggers.Select(
                trigger => ($"{trigger.Field}.activationMessageCount", (decimal)trigger.Trigger.ActivationMessageCount, 0m)),
        ];
        foreach (var (field, value, least) in numbers.Where(number => number.Value < number.Least))
        {
            yield return (field, $"is {value} and must be at least {least}");
        }

        (string Field, decimal? Value)[] quantities =
        [
            ("resources.cpuCores", job.Resources.CpuCores),
            ("resources.memoryGi", job.Resources.MemoryGi),
            .. job.Queues.SelectMany((queue, index) => Quantities($"queues[{index}]", queue.LockDurationSeconds, queue.MaxDeliveryCount,
                queue.DefaultMessageTimeToLiveSeconds, queue.DuplicateDetectionHistoryTimeWindowSeconds)),
            .. job.Topics.SelectMany((topic, index) => Quantities($"topics[{index}]", null, null,
                topic.DefaultMessageTimeToLiveSeconds, topic.DuplicateDetectionHistoryTimeWindowSeconds)),
            .. job.Topics.SelectMany((topic, index) => topic.Subscriptions.SelectMany((subscription, inner) => Quantities(
                $"topics[{index}].subscriptions[{inner}]", subscription.LockDurationSeconds, subscription.MaxDeliveryCount,
                subscription.DefaultMessageTimeToLiveSeconds, null))),
        ];
        foreach (var (field, value) in quantities.Where(quantity => quantity.Value <= 0))
        {
            yield return (field, $"is {value} and must be above 0");
        }

        if (job.Execution.ReplicaCompletionCount > job.Execution.Parallelism)
        {
            yield return (
                "execution.replicaCompletionCount", $"is above parallelism ({job.Execution.Parallelism}): no execution could succeed");
        }

        if (job.Scale.MinExecutions > job.Scale.MaxExecutions)
        {
            yield return ("scale.minExecutions", $"is above maxExecutions ({job.Scale.MaxExecutions})");
        }
    }

    private static IEnumerable<(string Field, decimal? Value)> Quantities(
        string entity, decimal? lockDuration, int? maxDeliveryCount, decimal? timeToLive, decimal? duplicateWindow) =>
    [
        ($"{entity}.lockDurationSeconds", lockDuration),
        ($"{entity}.maxDeliveryCount", maxDeliveryCount),
        ($"{entity}.defaultMessageTimeToLiveSeconds", timeToLive),
        ($"{entity}.duplicateDetectionHistoryTimeWindowSeconds", duplicateWindow),
    ];

    private static IEnumerable<(string, string)> Trigger(JobDefinition job, string field, TriggerDefinition trigger)
    {
        if (trigger.Queue is not null == trigger.Topic is not null || trigger.Topic is not null != trigger.Subscription is not null)
        {
            yield return (field, "must name a queue, or a topic with its subscription");
        }
        else if (trigger.Queue is { } queue && job.Queues.All(other => other.Name != queue))
        {
            yield return ($"{field}.queue", $"there is no '{queue}' among the queues");
        }
        else if (trigger.Topic is { } topic
            && !job.Topics.Any(
                other => other.Name == topic && other.Subscriptions.Any(subscription => subscription.Name == trigger.Subscription)))
        {
            yield return ($"{field}.topic", $"there is no '{topic}' with the subscription '{trigger.Subscription}' among the topics");
        }

        if (trigger.RuleName is null && trigger != job.Trigger)
        {
            yield return ($"{field}.ruleName", "is missing: only the first trigger's rule is named after the job");
        }
        else if (trigger.RuleName is { } ruleName && !ResourceName().IsMatch(ruleName))
        {
            yield return ($"{field}.ruleName", ResourceNameRule);
        }

        if (trigger.ConnectionSecret is { } secret && !SecretName().IsMatch(secret))
        {
            yield return ($"{field}.connectionSecret", SecretNameRule);
        }

        if (trigger.Identity is null == trigger.ConnectionSecret is null)
        {
            yield return (field, "must name an identity, or the secret that holds a connection string (connectionSecret)");
        }
        else if (trigger.Identity is { } identity && job.Identities.All(other => other.Name != identity))
        {
            yield return ($"{field}.identity", $"there is no '{identity}' among the identities");
        }
    }

    private static IEnumerable<(string, string)> Rules(JobDefinition job)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (field, trigger) in job.Triggers)
        {
            if (!names.Add(trigger.RuleName ?? job.Name))
            {
                yield return ($"{field}.ruleName", $"'{trigger.RuleName ?? job.Name}' appears twice");
            }
        }

        foreach (var (index, rule) in job.Rules.Index())
        {
            if (!ResourceName().IsMatch(rule.Name))
            {
                yield return ($"rules[{index}].name", ResourceNameRule);
            }
            else if (!names.Add(rule.Name))
            {
                yield return ($"rules[{index}].name", $"'{rule.Name}' appears twice (the triggers' rules count)");
            }

            if (!ScalerType().IsMatch(rule.Type))
            {
                yield return ($"rules[{index}].type", "must be a KEDA scaler's type, for instance azure-queue");
            }

            foreach (var (inner, auth) in rule.Auth.Index())
            {
                if (!SecretName().IsMatch(auth.SecretRef))
                {
                    yield return ($"rules[{index}].auth[{inner}].secretRef", SecretNameRule);
                }
            }

            if (rule.Identity is { } identity)
            {
                if (rule.Auth.Count > 0)
                {
                    yield return ($"rules[{index}].auth", "must be empty if there is an identity");
                }

                if (identity != ScaleRuleDefinition.SystemIdentity && job.Identities.All(other => other.Name != identity))
                {
                    yield return ($"rules[{index}].identity", $"there is no '{identity}' among the identities");
                }
            }
        }
    }

    [GeneratedRegex(@"\A[a-z]([a-z0-9-]{0,29}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex JobName();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]*\z", RegexOptions.CultureInvariant)]
    internal static partial Regex ResourceName();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex EntityName();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ScalerType();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex SecretName();
}
