namespace Azure.Messaging.ServiceBus.Administration;

public abstract class RuleFilter
{
    internal RuleFilter()
    {
    }
}

public class SqlRuleFilter : RuleFilter
{
    public SqlRuleFilter(string sqlExpression)
    {
        ArgumentException.ThrowIfNullOrEmpty(sqlExpression);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sqlExpression.Length, 1024, nameof(sqlExpression));
        SqlExpression = sqlExpression;
    }

    public string SqlExpression { get; }

    public IDictionary<string, object> Parameters { get; internal init; } = new Dictionary<string, object>();

    public override string ToString() => $"{nameof(SqlRuleFilter)}: {SqlExpression}";
}

public sealed class TrueRuleFilter : SqlRuleFilter
{
    public TrueRuleFilter()
        : base("1=1")
    {
    }

    public override string ToString() => nameof(TrueRuleFilter);
}

public sealed class FalseRuleFilter : SqlRuleFilter
{
    public FalseRuleFilter()
        : base("1=0")
    {
    }

    public override string ToString() => nameof(FalseRuleFilter);
}

public sealed class CorrelationRuleFilter : RuleFilter
{
    public CorrelationRuleFilter()
    {
    }

    public CorrelationRuleFilter(string correlationId)
        : this()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(correlationId);
        CorrelationId = correlationId;
    }

    public string CorrelationId { get; set; }

    public string MessageId { get; set; }

    public string To { get; set; }

    public string ReplyTo { get; set; }

    public string Subject { get; set; }

    public string SessionId { get; set; }

    public string ReplyToSessionId { get; set; }

    public string ContentType { get; set; }

    public IDictionary<string, object> ApplicationProperties { get; internal init; } = new Dictionary<string, object>();
}
