using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules;

/// <summary>A rule, its texts read once.</summary>
internal sealed class CompiledRule
{
    /// <summary>The application property in which a rule with an action names itself.</summary>
    private const string RuleNameProperty = "RuleName";

    private readonly SqlPredicate? _condition;
    private readonly CorrelationMatch? _correlation;
    private readonly IReadOnlyList<SqlStatement>? _statements;

    /// <exception cref="SqlSyntaxException">The filter or action is not valid.</exception>
    public CompiledRule(RuleOptions options, DateTime createdAt)
    {
        Options = options;
        CreatedAt = createdAt;
        _condition = options.Filter is SqlFilter sql ? SqlParser.ParseFilter(sql.Expression, sql.Parameters) : null;
        _correlation = options.Filter is CorrelationFilter correlation ? new CorrelationMatch(correlation) : null;
        _statements = options.Action is { } action ? SqlParser.ParseAction(action.Expression, action.Parameters) : null;
    }

    public RuleOptions Options { get; }

    public string Name => Options.Name;

    public DateTime CreatedAt { get; }

    public bool HasAction => _statements is not null;

    /// <summary>Whether the rule selects the message: only where its filter is true, not where that is unknown.</summary>
    /// <exception cref="FilterException">That cannot be told.</exception>
    public bool Matches(IPropertySource message) =>
        _condition is not null ? _condition.Test(message) == Truth.True
        : _correlation is not null ? _correlation.Matches(message)
        : Options.Filter is TrueFilter;

    /// <summary>The message as the rule's action makes it.</summary>
    /// <exception cref="FilterException">The action failed.</exception>
    public MessageContent Apply(MessageContent content, IPropertySource message)
    {
        var edit = new MessageEdit(message);
        foreach (var (target, value) in _statements!)
        {
            if (target is SystemPropertyExpression { Property: var property })
            {
                edit.Set(property, value?.Evaluate(edit) ?? SqlValue.Unknown);
            }
            else if (value is null)
            {
                edit.Remove(((UserProperty)target).Name);
            }
            else
            {
                edit.Set(((UserProperty)target).Name, value.Evaluate(edit));
            }
        }

        edit.Set(RuleNameProperty, SqlValue.Of(Name));
        return content.With(edit);
    }
}
