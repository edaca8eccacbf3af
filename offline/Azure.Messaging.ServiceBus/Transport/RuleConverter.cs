using Amqp.Types;
using Azure.Messaging.ServiceBus.Administration;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>Rules in requests, as maps, and in responses, as described lists.</summary>
internal static class RuleConverter
{
    private const ulong SqlActionCode = 0x0000_0137_0000_0006;
    private const ulong SqlFilterCode = 0x0000_0013_7000_0006;
    private const ulong TrueFilterCode = 0x0000_0013_7000_0007;
    private const ulong FalseFilterCode = 0x0000_0013_7000_0008;

    public static Map ToAmqp(RuleProperties rule)
    {
        var description = new Map();
        switch (rule.Filter)
        {
            case SqlRuleFilter sql:
                description["sql-filter"] = new Map { ["expression"] = sql.SqlExpression };
                break;
            case CorrelationRuleFilter correlation:
                description["correlation-filter"] = ToAmqp(correlation);
                break;
            default:
                throw new NotSupportedException($"The filter type {rule.Filter?.GetType().Name} is not supported.");
        }

        description["sql-rule-action"] = rule.Action is SqlRuleAction action ? new Map { ["expression"] = action.SqlExpression } : null;
        return description;
    }

    public static RuleProperties FromAmqp(object entry)
    {
        var fields = (List)((DescribedValue)((Map)entry)["rule-description"]).Value;
        var action = (DescribedValue)fields[1];
        return new RuleProperties(
            (string)fields[2],
            FilterOf((DescribedValue)fields[0]),
            action.Descriptor is SqlActionCode ? new SqlRuleAction((string)((List)action.Value)[0]) : null);
    }

    private static Map ToAmqp(CorrelationRuleFilter filter)
    {
        var properties = new Map();
        foreach (var (name, value) in filter.ApplicationProperties)
        {
            properties[name] = ValueConverter.ToAmqp(name, value);
        }

        return new Map
        {
            ["correlation-id"] = filter.CorrelationId,
            ["message-id"] = filter.MessageId,
            ["to"] = filter.To,
            ["reply-to"] = filter.ReplyTo,
            ["label"] = filter.Subject,
            ["session-id"] = filter.SessionId,
            ["reply-to-session-id"] = filter.ReplyToSessionId,
            ["content-type"] = filter.ContentType,
            ["properties"] = properties,
        };
    }

    private static RuleFilter FilterOf(DescribedValue described)
    {
        var fields = (List)described.Value;
        string Text(int index) => fields.Count > index ? (string)fields[index] : null;
        return described.Descriptor switch
        {
            SqlFilterCode => new SqlRuleFilter(Text(0)),
            TrueFilterCode => new TrueRuleFilter(),
            FalseFilterCode => new FalseRuleFilter(),
            _ => new CorrelationRuleFilter
            {
                CorrelationId = Text(0),
                MessageId = Text(1),
                To = Text(2),
                ReplyTo = Text(3),
                Subject = Text(4),
                SessionId = Text(5),
                ReplyToSessionId = Text(6),
                ContentType = Text(7),
                ApplicationProperties = fields.Count > 8 && fields[8] is Map map
                    ? map.ToDictionary(property => (string)property.Key, property => ValueConverter.ToNet(property.Value))
                    : [],
            },
        };
    }
}
