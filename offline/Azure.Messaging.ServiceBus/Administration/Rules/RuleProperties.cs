namespace Azure.Messaging.ServiceBus.Administration;

public sealed class RuleProperties
{
    public const string DefaultRuleName = "$Default";

    internal RuleProperties(string name, RuleFilter filter, RuleAction action) => (Name, Filter, Action) = (name, filter, action);

    public string Name { get; }

    public RuleFilter Filter { get; set; }

    public RuleAction Action { get; set; }
}

public sealed class CreateRuleOptions
{
    public const string DefaultRuleName = "$Default";

    public CreateRuleOptions()
        : this(DefaultRuleName, new TrueRuleFilter())
    {
    }

    public CreateRuleOptions(string name)
        : this(name, new TrueRuleFilter())
    {
    }

    public CreateRuleOptions(string name, RuleFilter filter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Filter = filter ?? throw new ArgumentNullException(nameof(filter));
    }

    public string Name { get; set; }

    public RuleFilter Filter { get; set; }

    public RuleAction Action { get; set; }

    internal RuleProperties ToProperties() => new(Name, Filter, Action);
}

public abstract class RuleAction
{
    internal RuleAction()
    {
    }
}

public sealed class SqlRuleAction : RuleAction
{
    public SqlRuleAction(string sqlExpression)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sqlExpression);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sqlExpression.Length, 1024, nameof(sqlExpression));
        SqlExpression = sqlExpression;
    }

    public string SqlExpression { get; }

    public IDictionary<string, object> Parameters { get; internal init; } = new Dictionary<string, object>();
}
