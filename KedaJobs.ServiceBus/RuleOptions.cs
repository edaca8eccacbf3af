using System.Text.Json.Serialization;

namespace KedaJobs.ServiceBus;

/// <summary>
/// A rule of a subscription: which messages it selects and, if it has an action, how its own copy of them is changed
/// (Microsoft Learn: "Topic filters and actions").
/// </summary>
public sealed record RuleOptions
{
    /// <summary>The name of the rule that a subscription gets when it is created without one; it selects everything.</summary>
    public const string DefaultName = "$Default";

    /// <summary>
    /// The rule's name: 1 to 50 characters without <c>/ \ @ ? #</c>. Letter case does not matter. Default <see cref="DefaultName"/>.
    /// </summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>Which messages the rule selects. Default: all.</summary>
    public RuleFilter Filter { get; init; } = new TrueFilter();

    /// <summary>
    /// What is changed on the rule's copy of a message; null for nothing. All matching rules without an action produce one copy together.
    /// Each matching rule with an action produces its own copy, which names the rule in the application property <c>RuleName</c>.
    /// </summary>
    public SqlAction? Action { get; init; }
}

/// <summary>
/// Which messages a rule selects: a <see cref="TrueFilter"/>, <see cref="FalseFilter"/>, <see cref="SqlFilter"/> or
/// <see cref="CorrelationFilter"/>.
/// </summary>
[JsonDerivedType(typeof(TrueFilter), "true")]
[JsonDerivedType(typeof(FalseFilter), "false")]
[JsonDerivedType(typeof(SqlFilter), "sql")]
[JsonDerivedType(typeof(CorrelationFilter), "correlation")]
public abstract record RuleFilter
{
    private protected RuleFilter()
    {
    }
}

/// <summary>Selects every message.</summary>
public sealed record TrueFilter : RuleFilter;

/// <summary>Selects no message.</summary>
public sealed record FalseFilter : RuleFilter;

/// <summary>Selects messages by a condition on their properties (Microsoft Learn: "Subscription Rule SQL Filter Syntax").</summary>
/// <param name="Expression">The condition, up to 1024 characters.</param>
public sealed record SqlFilter(string Expression) : RuleFilter
{
    /// <summary>
    /// The values of the condition's parameters <c>@name</c>, by name, with or without the <c>@</c>. Values are strings, whole and
    /// floating-point numbers, booleans, times (UTC), durations and GUIDs.
    /// </summary>
    public IReadOnlyDictionary<string, object> Parameters { get; init; } = new Dictionary<string, object>();
}

/// <summary>
/// Selects messages whose properties equal all the values given here; strings are compared exactly. At least one value is needed.
/// </summary>
public sealed record CorrelationFilter : RuleFilter
{
    /// <summary>The correlation id, or null for any.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The message id, or null for any.</summary>
    public string? MessageId { get; init; }

    /// <summary>The address that the message is for, or null for any.</summary>
    public string? To { get; init; }

    /// <summary>The address for replies, or null for any.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>The subject (in older clients: the label), or null for any.</summary>
    public string? Subject { get; init; }

    /// <summary>The session id, or null for any.</summary>
    public string? SessionId { get; init; }

    /// <summary>The session id for replies, or null for any.</summary>
    public string? ReplyToSessionId { get; init; }

    /// <summary>The content type, or null for any.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// Application properties that must exist with these values, of the types that <see cref="SqlFilter.Parameters"/> may have.
    /// </summary>
    public IReadOnlyDictionary<string, object> Properties { get; init; } = new Dictionary<string, object>();
}

/// <summary>What a rule changes on its copy of a message (Microsoft Learn: "Subscription Rule SQL Action Syntax").</summary>
/// <param name="Expression">Up to 32 statements <c>SET property = expression</c> and <c>REMOVE property</c>, up to 1024 characters.</param>
public sealed record SqlAction(string Expression)
{
    /// <summary>The values of the statements' parameters, as in <see cref="SqlFilter.Parameters"/>.</summary>
    public IReadOnlyDictionary<string, object> Parameters { get; init; } = new Dictionary<string, object>();
}
