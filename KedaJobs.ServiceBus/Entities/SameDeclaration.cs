namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Whether a declaration is the one that there is already. Records compare their lists and dictionaries by reference, so these are compared
/// here; letter case of names does not matter.
/// </summary>
internal static class SameDeclaration
{
    public static bool Is(QueueOptions current, QueueOptions declared) =>
        current with { Name = declared.Name, AuthorizationRules = declared.AuthorizationRules } == declared
        && current.AuthorizationRules.SequenceEqual(declared.AuthorizationRules);

    /// <summary>Without a look at the subscriptions.</summary>
    public static bool Is(TopicOptions current, TopicOptions declared) =>
        current with { Name = declared.Name, AuthorizationRules = declared.AuthorizationRules, Subscriptions = declared.Subscriptions }
            == declared
        && current.AuthorizationRules.SequenceEqual(declared.AuthorizationRules);

    /// <summary>Without a look at the rules.</summary>
    public static bool Is(SubscriptionOptions current, SubscriptionOptions declared) =>
        current with { Name = declared.Name, Rules = declared.Rules } == declared;

    public static bool Is(RuleOptions current, RuleOptions declared) =>
        Is(current.Filter, declared.Filter) && Is(current.Action, declared.Action);

    private static bool Is(RuleFilter current, RuleFilter declared) => (current, declared) switch
    {
        (SqlFilter one, SqlFilter other) => one.Expression == other.Expression && Is(one.Parameters, other.Parameters),
        (CorrelationFilter one, CorrelationFilter other) => one with { Properties = other.Properties } == other
            && Is(one.Properties, other.Properties),
        _ => current == declared,
    };

    private static bool Is(SqlAction? current, SqlAction? declared) => current is null || declared is null
        ? current == declared
        : current.Expression == declared.Expression && Is(current.Parameters, declared.Parameters);

    private static bool Is(IReadOnlyDictionary<string, object> current, IReadOnlyDictionary<string, object> declared) =>
        current.Count == declared.Count
        && current.All(value => declared.TryGetValue(value.Key, out var other) && value.Value.Equals(other));
}
