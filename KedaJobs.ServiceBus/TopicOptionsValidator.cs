using System.Text.RegularExpressions;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus;

/// <summary>
/// The ranges of Service Bus for topics, subscriptions and rules, as <see cref="QueueOptionsValidator"/> has them for queues.
/// </summary>
internal static partial class TopicOptionsValidator
{
    private const int MaxPartLength = 50;

    /// <summary>Every value of a topic, its subscriptions and their rules that is out of its range.</summary>
    public static IEnumerable<string> Validate(TopicOptions topic)
    {
        if (!QueueOptionsValidator.IsName(topic.Name))
        {
            yield return $"Name: '{topic.Name}' is not a topic name. {QueueOptionsValidator.NameRule}";
        }

        var problems = QueueOptionsValidator.ValidateValues(topic.ToIntake())
            .Concat(topic.Subscriptions.SelectMany(
                subscription => Validate(topic, subscription).Select(problem => $"Subscription '{subscription.Name}': {problem}")))
            .Concat(Repeated("Subscription", topic.Subscriptions.Select(subscription => subscription.Name)));
        foreach (var problem in problems)
        {
            yield return problem;
        }
    }

    /// <summary>Every value of a subscription and its rules that is out of its range.</summary>
    public static IEnumerable<string> Validate(TopicOptions topic, SubscriptionOptions subscription)
    {
        if (subscription.Name is not { Length: >= 1 and <= MaxPartLength } || !SubscriptionNamePattern().IsMatch(subscription.Name))
        {
            yield return $"Name: '{subscription.Name}' is not a subscription name. Use 1 to {MaxPartLength} letters, digits, '.', "
                + "'-' and '_', starting with a letter or digit.";
        }

        (string Property, string? Target)[] targets =
        [
            (nameof(subscription.ForwardTo), subscription.ForwardTo),
            (nameof(subscription.ForwardDeadLetteredMessagesTo), subscription.ForwardDeadLetteredMessagesTo),
        ];
        var problems = QueueOptionsValidator.ValidateValues(subscription.ToQueue(topic))
            .Concat(targets
                .Where(forward => string.Equals(ForwardingTarget.NameOf(forward.Target), topic.Name, StringComparison.OrdinalIgnoreCase))
                .Select(forward => $"{forward.Property}: a subscription cannot forward to its own topic."))
            .Concat(subscription.Rules.SelectMany(rule => Validate(rule).Select(problem => $"Rule '{rule.Name}': {problem}")))
            .Concat(Repeated("Rule", subscription.Rules.Select(rule => rule.Name)));
        foreach (var problem in problems)
        {
            yield return problem;
        }
    }

    /// <summary>Everything that is wrong with a rule; what is wrong with a text is said with the position.</summary>
    public static IEnumerable<string> Validate(RuleOptions rule)
    {
        if (rule.Name is not { Length: >= 1 and <= MaxPartLength } || !RuleNamePattern().IsMatch(rule.Name))
        {
            yield return $"Name: '{rule.Name}' is not a rule name. Use 1 to {MaxPartLength} characters without '/', '\\', "
                + "'@', '?' and '#'.";
        }

        if (rule.Filter is CorrelationFilter correlation)
        {
            if (new CorrelationMatch(correlation).Count == 0)
            {
                yield return "Filter: a correlation filter needs at least one property to compare.";
            }

            foreach (var (name, value) in correlation.Properties.Where(
                property => SqlValue.Of(property.Value).Kind is SqlKind.Unknown or SqlKind.Other))
            {
                yield return $"Filter: the property '{name}' cannot be compared with a value of type {value?.GetType().Name ?? "null"}.";
            }
        }

        if (rule.Filter is SqlFilter sql && ProblemOf(() => SqlParser.ParseFilter(sql.Expression, sql.Parameters)) is { } inFilter)
        {
            yield return $"Filter: '{sql.Expression}' is not valid {inFilter}";
        }

        if (rule.Action is { } action && ProblemOf(() => SqlParser.ParseAction(action.Expression, action.Parameters)) is { } inAction)
        {
            yield return $"Action: '{action.Expression}' is not valid {inAction}";
        }
    }

    /// <summary>What a change of a topic may not touch.</summary>
    public static IEnumerable<string> ValidateChange(TopicOptions current, TopicOptions changed) =>
        QueueOptionsValidator.ValidateChange(current.ToIntake(), changed.ToIntake());

    /// <summary>What a change of a subscription may not touch.</summary>
    public static IEnumerable<string> ValidateChange(TopicOptions topic, SubscriptionOptions current, SubscriptionOptions changed) =>
        QueueOptionsValidator.ValidateChange(current.ToQueue(topic), changed.ToQueue(topic));

    /// <summary>Names that are given more than once.</summary>
    public static IEnumerable<string> Repeated(string what, IEnumerable<string> names) =>
        from name in names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
        where name.Count() > 1
        select $"{what} '{name.Key}' is declared {name.Count()} times.";

    private static string? ProblemOf(Action parse)
    {
        try
        {
            parse();
            return null;
        }
        catch (SqlSyntaxException invalid)
        {
            return invalid.Message;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._\-]*\z")]
    private static partial Regex SubscriptionNamePattern();

    [GeneratedRegex(@"^[^/\\@?#\p{Cc}]+\z")]
    private static partial Regex RuleNamePattern();
}
