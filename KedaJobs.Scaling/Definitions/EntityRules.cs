namespace KedaJobs.Scaling.Definitions;

/// <summary>
/// What must hold of queues, topics, subscriptions and the connections to them. Source: the resource types of
/// Microsoft.ServiceBus/namespaces.
/// </summary>
internal static class EntityRules
{
    private const int LongestSqlExpression = 1024;

    public static IEnumerable<(string Field, string Problem)> Problems(JobDefinition job)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var named = job.Queues.Select((queue, index) => ($"queues[{index}]", queue.Name))
            .Concat(job.Topics.Select((topic, index) => ($"topics[{index}]", topic.Name)));
        foreach (var (field, name) in named)
        {
            if (!JobDefinitionRules.EntityName().IsMatch(name))
            {
                yield return ($"{field}.name", JobDefinitionRules.EntityNameRule);
            }
            else if (!names.Add(name))
            {
                yield return ($"{field}.name", $"'{name}' appears twice");
            }
        }

        foreach (var problem in job.Queues.SelectMany(
            (queue, index) => Forwarding(job, names, $"queues[{index}]", queue.Name, queue.ForwardTo, queue.ForwardDeadLetteredMessagesTo)))
        {
            yield return problem;
        }

        foreach (var problem in job.Topics.SelectMany((topic, index) => Topic(job, names, $"topics[{index}]", topic))
            .Concat(Connections(job)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<(string, string)> Topic(JobDefinition job, HashSet<string> names, string field, TopicDefinition topic)
    {
        if (topic.Access.Contains(EntityAccess.Receive))
        {
            yield return ($"{field}.access", "must not be receive: messages are received from a subscription");
        }

        foreach (var (index, subscription) in topic.Subscriptions.Index())
        {
            var path = $"{field}.subscriptions[{index}]";
            if (!JobDefinitionRules.EntityName().IsMatch(subscription.Name))
            {
                yield return ($"{path}.name", JobDefinitionRules.EntityNameRule);
            }
            else if (topic.Subscriptions.Take(index).Any(other => Same(other.Name, subscription.Name)))
            {
                yield return ($"{path}.name", $"'{subscription.Name}' appears twice");
            }

            var problems = Forwarding(job, names, path, topic.Name, subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo);
            foreach (var problem in problems.Concat(Rules(path, subscription)))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<(string, string)> Forwarding(
        JobDefinition job, HashSet<string> names, string path, string own, string? forwardTo, string? forwardDeadLetteredMessagesTo)
    {
        foreach (var (field, target) in (IEnumerable<(string, string?)>)[
            ("forwardTo", forwardTo), ("forwardDeadLetteredMessagesTo", forwardDeadLetteredMessagesTo),
        ])
        {
            if (target is null)
            {
                continue;
            }

            if (!JobDefinitionRules.EntityName().IsMatch(target))
            {
                yield return ($"{path}.{field}", JobDefinitionRules.EntityNameRule);
            }
            else if (Same(target, own) && path.StartsWith("queues", StringComparison.Ordinal))
            {
                yield return ($"{path}.{field}", "is the queue itself: name another queue or topic");
            }
            else if (job.Namespace?.Existing is null && path.StartsWith("queues", StringComparison.Ordinal) && job.Forwards(target, own))
            {
                yield return (
                    $"{path}.{field}",
                    $"leads in a circle back to '{own}': Service Bus can't create any of these queues, because a target must exist first");
            }
            else if (job.Namespace?.Existing is null && !names.Contains(target))
            {
                yield return (
                    $"{path}.{field}",
                    $"there is no '{target}' among the queues and topics: add it, or Service Bus rejects the forwarding");
            }
        }
    }

    private static IEnumerable<(string, string)> Rules(string subscription, SubscriptionDefinition declared)
    {
        if (declared.Rules is { Count: 0 })
        {
            yield return (
                $"{subscription}.rules",
                "must not be empty: without any rule a subscription gets no message (leave it out for all messages)");
        }

        foreach (var (index, rule) in (declared.Rules ?? []).Index())
        {
            var path = $"{subscription}.rules[{index}]";
            if (!IsRuleName(rule.Name))
            {
                yield return ($"{path}.name", "must be 1 to 50 letters, digits, '.', '-' and '_'");
            }
            else if (declared.Rules!.Take(index).Any(other => Same(other.Name, rule.Name)))
            {
                yield return ($"{path}.name", $"'{rule.Name}' appears twice");
            }

            if (rule.CorrelationFilter is null == rule.SqlFilter is null)
            {
                yield return (path, "must have a correlationFilter or a sqlFilter");
            }
            else if (rule.CorrelationFilter is { } filter && IsEmpty(filter))
            {
                yield return (
                    $"{path}.correlationFilter",
                    "must compare something: Service Bus rejects an empty one (for all messages, write \"sqlFilter\": \"1=1\")");
            }

            foreach (var (field, expression) in (IEnumerable<(string, string?)>)[("sqlFilter", rule.SqlFilter), ("action", rule.Action)])
            {
                if (expression is { Length: 0 or > LongestSqlExpression })
                {
                    yield return ($"{path}.{field}", $"must be a SQL expression of 1 to {LongestSqlExpression} characters");
                }
            }
        }
    }

    private static bool IsEmpty(CorrelationFilterDefinition filter)
    {
        string?[] values =
            [
                filter.CorrelationId, filter.MessageId, filter.To, filter.ReplyTo, filter.Subject, filter.SessionId,
                filter.ReplyToSessionId, filter.ContentType,
            ];
        return values.All(value => value is null) && filter.Properties is null or { Count: 0 };
    }

    // $Default is the name of the rule that Service Bus makes itself.
    private static bool IsRuleName(string name) =>
        name.Length is > 0 and <= 50
        && name.TrimStart('$').All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');

    /// <summary>Each connection is an environment variable of its own.</summary>
    private static IEnumerable<(string, string)> Connections(JobDefinition job)
    {
        var variables = new HashSet<string>(job.Environment.Keys, StringComparer.Ordinal);
        foreach (var (field, name) in ConnectionNames(job))
        {
            if (!TextRules.IsVariableName(name))
            {
                yield return (field, TextRules.VariableNameRule);
            }
            else if (!variables.Add($"ConnectionStrings__{name}"))
            {
                yield return (
                    field, $"appears twice: ConnectionStrings__{name} is the variable of another connection, or is set in environment");
            }
        }
    }

    private static IEnumerable<(string Field, string Name)> ConnectionNames(JobDefinition job) =>
    [
        .. Of("namespace", job.Namespace?.ConnectionName, job.Namespace?.FurtherConnectionNames),
        .. job.Queues.SelectMany((queue, index) => Of($"queues[{index}]", queue.ConnectionName, queue.FurtherConnectionNames)),
        .. job.Topics.SelectMany((topic, index) => Of($"topics[{index}]", topic.ConnectionName, topic.FurtherConnectionNames)),
        .. job.Topics.SelectMany((topic, index) => topic.Subscriptions.SelectMany((subscription, inner) =>
            Of($"topics[{index}].subscriptions[{inner}]", subscription.ConnectionName, subscription.FurtherConnectionNames))),
    ];

    private static IEnumerable<(string Field, string Name)> Of(string path, string? first, IReadOnlyList<string>? further) =>
    [
        .. first is null ? Array.Empty<(string, string)>() : [($"{path}.connectionName", first)],
        .. (further ?? []).Select((name, index) => ($"{path}.furtherConnectionNames[{index}]", name)),
    ];

    // Service Bus compares names case-insensitively.
    private static bool Same(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
