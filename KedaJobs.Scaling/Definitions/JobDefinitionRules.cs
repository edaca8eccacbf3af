using System.Text.RegularExpressions;

namespace KedaJobs.Scaling.Definitions;

/// <summary>What must hold in a definition beyond the types of its fields.</summary>
internal static partial class JobDefinitionRules
{
    /// <summary>Everything that is wrong, as the field's path and what to write.</summary>
    public static IEnumerable<(string Field, string Problem)> Problems(JobDefinition job)
    {
        if (job.SchemaVersion != JobDefinition.CurrentSchemaVersion)
        {
            // Of another version nothing else can be said.
            return [("schemaVersion", $"is {job.SchemaVersion}, and only {JobDefinition.CurrentSchemaVersion} can be read: write the definition and read it with the same version of KedaJobs")];
        }

        return Names(job).Concat(Numbers(job)).Concat(Entities(job)).Concat(Trigger(job)).Concat(Rules(job));
    }

    private static IEnumerable<(string, string)> Names(JobDefinition job)
    {
        if (!JobName().IsMatch(job.Name) || job.Name.Contains("--", StringComparison.Ordinal))
        {
            yield return ("name", "must be at most 31 lower-case letters, digits and single '-', from a letter to a letter or digit");
        }

        if (job.Namespace.Name.Length == 0)
        {
            yield return ("namespace.name", "must not be empty");
        }

        foreach (var (index, identity) in job.Identities.Index())
        {
            if (identity.Name is "" or ScaleRuleDefinition.SystemIdentity)
            {
                yield return ($"identities[{index}].name", "must not be empty or 'system'");
            }
            else if (job.Identities.Take(index).Any(other => other.Name == identity.Name))
            {
                yield return ($"identities[{index}].name", $"'{identity.Name}' stands twice");
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
            ("trigger.messageCount", job.Trigger.MessageCount, 1),
            ("trigger.activationMessageCount", job.Trigger.ActivationMessageCount, 0),
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
            yield return ("execution.replicaCompletionCount", $"is above parallelism ({job.Execution.Parallelism}): no execution could succeed");
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

    private static IEnumerable<(string, string)> Entities(JobDefinition job)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var named = job.Queues.Select((queue, index) => ($"queues[{index}]", queue.Name))
            .Concat(job.Topics.Select((topic, index) => ($"topics[{index}]", topic.Name)));
        foreach (var (field, name) in named)
        {
            if (name.Length == 0 || !names.Add(name))
            {
                yield return ($"{field}.name", name.Length == 0 ? "must not be empty" : $"'{name}' stands twice");
            }
        }

        foreach (var (index, topic) in job.Topics.Index())
        {
            if (topic.Access.Contains(EntityAccess.Receive))
            {
                yield return ($"topics[{index}].access", "must not be receive: messages are received from a subscription");
            }
        }
    }

    private static IEnumerable<(string, string)> Trigger(JobDefinition job)
    {
        var trigger = job.Trigger;
        if (trigger.Queue is not null == trigger.Topic is not null || trigger.Topic is not null != trigger.Subscription is not null)
        {
            yield return ("trigger", "must name a queue, or a topic with its subscription");
        }
        else if (trigger.Queue is { } queue && job.Queues.All(other => other.Name != queue))
        {
            yield return ("trigger.queue", $"there is no '{queue}' among the queues");
        }
        else if (trigger.Topic is { } topic
            && !job.Topics.Any(other => other.Name == topic && other.Subscriptions.Any(subscription => subscription.Name == trigger.Subscription)))
        {
            yield return ("trigger.topic", $"there is no '{topic}' with the subscription '{trigger.Subscription}' among the topics");
        }

        if (trigger.Identity is null == trigger.ConnectionSecret is null)
        {
            yield return ("trigger", "must name an identity, or the secret that holds a connection string (connectionSecret)");
        }
        else if (trigger.Identity is { } identity && job.Identities.All(other => other.Name != identity))
        {
            yield return ("trigger.identity", $"there is no '{identity}' among the identities");
        }
    }

    private static IEnumerable<(string, string)> Rules(JobDefinition job)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { job.Trigger.RuleName ?? job.Name };
        foreach (var (index, rule) in job.Rules.Index())
        {
            if (rule.Name.Length == 0 || !names.Add(rule.Name))
            {
                yield return ($"rules[{index}].name", rule.Name.Length == 0 ? "must not be empty" : $"'{rule.Name}' stands twice (the trigger's rule counts)");
            }

            if (rule.Type.Length == 0)
            {
                yield return ($"rules[{index}].type", "must be a KEDA scaler's type, for instance azure-queue");
            }

            if (rule.Identity is { } identity)
            {
                if (rule.Auth.Count > 0)
                {
                    yield return ($"rules[{index}].auth", "must be empty beside an identity");
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
}
