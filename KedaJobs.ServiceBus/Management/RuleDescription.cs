using System.Xml.Linq;
using KedaJobs.ServiceBus.Entities.Topics;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using static KedaJobs.ServiceBus.Management.AtomReader;
using static KedaJobs.ServiceBus.Management.AtomWriter;

namespace KedaJobs.ServiceBus.Management;

/// <summary>A rule as the management API describes it.</summary>
internal static class RuleDescription
{
    public const string Name = "RuleDescription";

    /// <summary>What filters and actions say they are: an attribute for their type, as in XML schemas.</summary>
    private static readonly XName Type = Instance + "type";

    public static XElement Entry(HttpRequest request, SubscriptionEntity subscription, CompiledRule rule) => AtomWriter.Entry(
        request, $"{subscription.Queue.ShownName}/Rules/{rule.Name}", rule.Name, rule.CreatedAt, rule.CreatedAt, Write(rule));

    /// <summary>Reads a description. What the client does not mention keeps the value of <paramref name="defaults"/>.</summary>
    public static RuleOptions Read(XElement description, RuleOptions defaults) =>
        AtomReader.Read(description, Name, defaults, static (rule, element) => Set(rule, element)) with { Name = defaults.Name };

    /// <summary>Reads a rule within the description of something else; it may have a name of its own.</summary>
    public static RuleOptions ReadRule(XElement description) => description.Elements().Aggregate(new RuleOptions(), Set);

    private static RuleOptions Set(RuleOptions rule, XElement element) => element.Name.LocalName switch
    {
        "Filter" => rule with { Filter = Filter(element) },
        "Action" => rule with { Action = Action(element) },
        "Name" when OptionalText(element) is { } name => rule with { Name = name },
        _ => rule,
    };

    private static RuleFilter Filter(XElement element) => TypeOf(element) switch
    {
        "TrueFilter" => new TrueFilter(),
        "FalseFilter" => new FalseFilter(),
        "SqlFilter" => new SqlFilter(Child(element, "SqlExpression")) { Parameters = RuleValues.Read(Find(element, "Parameters")) },
        "CorrelationFilter" => new CorrelationFilter
        {
            CorrelationId = Part(element, "CorrelationId"),
            MessageId = Part(element, "MessageId"),
            To = Part(element, "To"),
            ReplyTo = Part(element, "ReplyTo"),
            Subject = Part(element, "Label"),
            SessionId = Part(element, "SessionId"),
            ReplyToSessionId = Part(element, "ReplyToSessionId"),
            ContentType = Part(element, "ContentType"),
            Properties = RuleValues.Read(Find(element, "Properties")),
        },
        var type =>
            throw new EntryFormatException($"Filter: '{type}' is unknown; use SqlFilter, CorrelationFilter, TrueFilter or FalseFilter."),
    };

    private static SqlAction? Action(XElement element) => TypeOf(element) switch
    {
        "EmptyRuleAction" or "" => null,
        "SqlRuleAction" => new SqlAction(Child(element, "SqlExpression")) { Parameters = RuleValues.Read(Find(element, "Parameters")) },
        var type => throw new EntryFormatException($"Action: '{type}' is unknown; use SqlRuleAction or EmptyRuleAction."),
    };

    private static string TypeOf(XElement element)
    {
        var type = element.Attribute(Type)?.Value ?? "";
        return type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    private static string? Part(XElement element, string name) => Child(element, name) is { Length: > 0 } text ? text : null;

    private static XElement Write(CompiledRule rule) => new(
        Description + Name,
        new XAttribute(XNamespace.Xmlns + "i", Instance),
        Write(rule.Options.Filter),
        rule.Options.Action is { } action
            ? new XElement(
                Description + "Action",
                new XAttribute(Type, "SqlRuleAction"),
                Value("SqlExpression", action.Expression),
                RuleValues.Write("Parameters", action.Parameters))
            : new XElement(Description + "Action", new XAttribute(Type, "EmptyRuleAction")),
        Value("CreatedAt", Time(rule.CreatedAt)),
        Value("Name", rule.Name));

    // Clients look for the expression of filters that have none, too.
    private static XElement Write(RuleFilter filter) => filter switch
    {
        TrueFilter => WriteSql("TrueFilter", "1=1", null),
        FalseFilter => WriteSql("FalseFilter", "1=0", null),
        SqlFilter sql => WriteSql("SqlFilter", sql.Expression, RuleValues.Write("Parameters", sql.Parameters)),
        _ => Write((CorrelationFilter)filter),
    };

    private static XElement WriteSql(string type, string expression, XElement? parameters) => new(
        Description + "Filter", new XAttribute(Type, type), Value("SqlExpression", expression), Value("CompatibilityLevel", 20),
        parameters);

    private static XElement Write(CorrelationFilter filter) => new(
        Description + "Filter",
        new XAttribute(Type, "CorrelationFilter"),
        Optional("CorrelationId", filter.CorrelationId),
        Optional("MessageId", filter.MessageId),
        Optional("To", filter.To),
        Optional("ReplyTo", filter.ReplyTo),
        Optional("Label", filter.Subject),
        Optional("SessionId", filter.SessionId),
        Optional("ReplyToSessionId", filter.ReplyToSessionId),
        Optional("ContentType", filter.ContentType),
        RuleValues.Write("Properties", filter.Properties));
}
