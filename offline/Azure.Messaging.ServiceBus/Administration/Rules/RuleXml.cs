using System.Xml;
using System.Xml.Linq;

namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Rules in their XML form in the management API.</summary>
internal static class RuleXml
{
    private static readonly XNamespace Connect = QueueDescription.Connect;
    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly XNamespace Schema = "http://www.w3.org/2001/XMLSchema";

    public static XElement Write(RuleProperties rule, string elementName = "RuleDescription") => new(
        Connect + elementName, Write(rule.Filter), Write(rule.Action), new XElement(Connect + "Name", rule.Name));

    public static RuleProperties Parse(XElement description)
    {
        var filter = Child(description, "Filter");
        var action = Child(description, "Action");
        return new RuleProperties(
            Child(description, "Name")?.Value,
            ParseFilter(filter),
            action?.Attribute(Instance + "type")?.Value == "SqlRuleAction"
                ? new SqlRuleAction(Child(action, "SqlExpression").Value) { Parameters = Values(Child(action, "Parameters")) }
                : null);
    }

    private static RuleFilter ParseFilter(XElement filter) => filter?.Attribute(Instance + "type")?.Value switch
    {
        "TrueFilter" => new TrueRuleFilter(),
        "FalseFilter" => new FalseRuleFilter(),
        "SqlFilter" => new SqlRuleFilter(Child(filter, "SqlExpression").Value) { Parameters = Values(Child(filter, "Parameters")) },
        "CorrelationFilter" => new CorrelationRuleFilter
        {
            CorrelationId = Child(filter, "CorrelationId")?.Value,
            MessageId = Child(filter, "MessageId")?.Value,
            To = Child(filter, "To")?.Value,
            ReplyTo = Child(filter, "ReplyTo")?.Value,
            Subject = Child(filter, "Label")?.Value,
            SessionId = Child(filter, "SessionId")?.Value,
            ReplyToSessionId = Child(filter, "ReplyToSessionId")?.Value,
            ContentType = Child(filter, "ContentType")?.Value,
            ApplicationProperties = Values(Child(filter, "Properties")),
        },
        _ => null,
    };

    private static XElement Write(RuleFilter filter) => filter switch
    {
        TrueRuleFilter sql => Write("Filter", "TrueFilter", sql.SqlExpression, sql.Parameters),
        FalseRuleFilter sql => Write("Filter", "FalseFilter", sql.SqlExpression, sql.Parameters),
        SqlRuleFilter sql => Write("Filter", "SqlFilter", sql.SqlExpression, sql.Parameters),
        CorrelationRuleFilter correlation => new XElement(
            Connect + "Filter",
            new XAttribute(Instance + "type", "CorrelationFilter"),
            Text("CorrelationId", correlation.CorrelationId),
            Text("MessageId", correlation.MessageId),
            Text("To", correlation.To),
            Text("ReplyTo", correlation.ReplyTo),
            Text("Label", correlation.Subject),
            Text("SessionId", correlation.SessionId),
            Text("ReplyToSessionId", correlation.ReplyToSessionId),
            Text("ContentType", correlation.ContentType),
            Values("Properties", correlation.ApplicationProperties)),
        _ => throw new NotImplementedException($"The filter type {filter?.GetType().Name} is not supported."),
    };

    private static XElement Write(RuleAction action) => action switch
    {
        null => null,
        SqlRuleAction sql => Write("Action", "SqlRuleAction", sql.SqlExpression, sql.Parameters),
        _ => throw new NotImplementedException($"The action type {action.GetType().Name} is not supported."),
    };

    private static XElement Write(string element, string type, string expression, IDictionary<string, object> parameters) => new(
        Connect + element,
        new XAttribute(Instance + "type", type),
        new XElement(Connect + "SqlExpression", expression),
        Values("Parameters", parameters));

    private static XElement Text(string name, string value) => value is null ? null : new XElement(Connect + name, value);

    private static XElement Values(string name, IDictionary<string, object> values) => new(
        Connect + name,
        values.Select(value => new XElement(
            Connect + "KeyValueOfstringanyType",
            new XElement(Connect + "Key", value.Key),
            new XElement(
                Connect + "Value",
                new XAttribute(Instance + "type", "l28:" + TypeOf(value.Value)),
                new XAttribute(XNamespace.Xmlns + "l28", Schema),
                value.Value))));

    private static Dictionary<string, object> Values(XElement element) => element?.Elements().ToDictionary(
        pair => Child(pair, "Key").Value, pair => Value(Child(pair, "Value"))) ?? [];

    private static string TypeOf(object value) => value switch
    {
        string => "string",
        int => "int",
        long => "long",
        bool => "boolean",
        double => "double",
        DateTime => "dateTime",
        TimeSpan => "duration",
        _ => throw new ServiceBusException(false, $"Values of type {value?.GetType().Name} are not supported in rules."),
    };

    private static object Value(XElement element)
    {
        var type = element.Attribute(Instance + "type")?.Value ?? "";
        return type[(type.IndexOf(':') + 1)..] switch
        {
            "int" => XmlConvert.ToInt32(element.Value),
            "long" => XmlConvert.ToInt64(element.Value),
            "boolean" => XmlConvert.ToBoolean(element.Value),
            "double" => XmlConvert.ToDouble(element.Value),
            "dateTime" => XmlConvert.ToDateTime(element.Value, XmlDateTimeSerializationMode.Utc),
            "duration" => XmlConvert.ToTimeSpan(element.Value),
            _ => element.Value,
        };
    }

    private static XElement Child(XElement parent, string localName) => AtomFeed.Child(parent, localName);
}
