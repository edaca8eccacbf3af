namespace KedaJobs.ServiceBus.Host;

/// <summary>
/// Rules of a subscription in a configuration file:
/// <code>[ { "Name": "...", "Properties": { "FilterType": "Sql", "SqlFilter": { "SqlExpression": "color = 'red'" }, "Action": {
/// "SqlExpression": "SET seen = TRUE" } } } ]</code>
/// Each has exactly one filter, of the type that it says.
/// </summary>
internal static class EmulatorRules
{
    private const string Sql = "SqlFilter";
    private const string Correlation = "CorrelationFilter";

    private static readonly Dictionary<string, Func<CorrelationFilter, ConfigNode, CorrelationFilter>> CorrelationProperties = new()
    {
        ["ContentType"] = (filter, value) => filter with { ContentType = value.SomeText() },
        ["CorrelationId"] = (filter, value) => filter with { CorrelationId = value.SomeText() },
        ["Label"] = (filter, value) => filter with { Subject = value.SomeText() },
        ["MessageId"] = (filter, value) => filter with { MessageId = value.SomeText() },
        ["ReplyTo"] = (filter, value) => filter with { ReplyTo = value.SomeText() },
        ["ReplyToSessionId"] = (filter, value) => filter with { ReplyToSessionId = value.SomeText() },
        ["SessionId"] = (filter, value) => filter with { SessionId = value.SomeText() },
        ["Subject"] = (filter, value) => filter with { Subject = value.SomeText() },
        ["To"] = (filter, value) => filter with { To = value.SomeText() },
        ["Properties"] = (filter, value) => filter with { Properties = Values(value) },
    };

    public static IReadOnlyList<RuleOptions> Read(ConfigNode list)
    {
        var places = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var rules = new List<RuleOptions>();
        foreach (var node in list.Items())
        {
            var rule = Rule(node);
            if (!places.TryAdd(rule.Name, node.Path))
            {
                node.Refuse($"The rule '{rule.Name}' is already declared at {places[rule.Name]}. Letter case doesn't matter.");
            }

            rules.Add(rule);
        }

        return rules;
    }

    private static RuleOptions Rule(ConfigNode node)
    {
        var members = node.Members("Name", "Properties");
        var rule = new RuleOptions { Name = EmulatorQueues.Name(node, members) };
        if (!members.TryGetValue("Properties", out var properties))
        {
            node.Refuse(
                "'Properties' is missing: a rule needs a filter. Write \"Properties\": { \"FilterType\": \"Sql\", "
                + "\"SqlFilter\": { \"SqlExpression\": \"...\" } }.");
            return rule;
        }

        var values = properties.Members("FilterType", Sql, Correlation, "Action");
        var (filter, kind) = Filter(properties, values);
        rule = rule with { Filter = filter, Action = values.TryGetValue("Action", out var action) ? Action(action) : null };
        node.Refuse(TopicOptionsValidator.Validate(rule), property => property switch
        {
            "Filter" => $".Properties.{kind}",
            _ => EmulatorQueues.PlaceOf(property),
        });
        return rule;
    }

    /// <returns>
    /// The filter, and the name of what it was read from. Where there is no filter to be read, that is noted
    /// and a filter that says nothing comes back.
    /// </returns>
    private static (RuleFilter Filter, string Kind) Filter(ConfigNode properties, IReadOnlyDictionary<string, ConfigNode> values)
    {
        if (!values.TryGetValue("FilterType", out var typeNode))
        {
            properties.Refuse("'FilterType' is missing. Write \"FilterType\": \"Sql\" or \"FilterType\": \"Correlation\".");
            return (new FalseFilter(), "");
        }

        var type = typeNode.OneOf("Sql", "Correlation", Sql, Correlation);
        var (wanted, other) = type is "Sql" or Sql ? (Sql, Correlation) : (Correlation, Sql);
        if (values.ContainsKey(Sql) && values.ContainsKey(Correlation))
        {
            properties.Refuse($"The rule has two filters. Remove \"{other}\", or declare a second rule for it.");
        }
        else if (values.ContainsKey(other))
        {
            properties.Refuse(
                $"FilterType is \"{type}\", but the filter is a \"{other}\". "
                + $"Write \"{wanted}\", or change FilterType to \"{other[..^"Filter".Length]}\".");
        }
        else if (!values.ContainsKey(wanted))
        {
            properties.Refuse($"The rule has no filter. Write \"{wanted}\": {{ ... }}.");
        }

        return values.TryGetValue(wanted, out var filter)
            ? (wanted == Sql ? SqlFilter(filter) : CorrelationFilter(filter), wanted)
            : (new FalseFilter(), wanted);
    }

    private static RuleFilter SqlFilter(ConfigNode node)
    {
        var members = node.Members("SqlExpression", "Parameters");
        return Expression(node, members) is { } expression
            ? new SqlFilter(expression) { Parameters = Parameters(members) }
            : new FalseFilter();
    }

    private static SqlAction? Action(ConfigNode node)
    {
        var members = node.Members("SqlExpression", "Parameters");
        return Expression(node, members) is { } expression ? new SqlAction(expression) { Parameters = Parameters(members) } : null;
    }

    /// <summary>The expression, which must be there and must not be empty; else null, and noted.</summary>
    private static string? Expression(ConfigNode node, IReadOnlyDictionary<string, ConfigNode> members)
    {
        if (!members.TryGetValue("SqlExpression", out var expression))
        {
            node.Refuse("'SqlExpression' is missing. Write \"SqlExpression\": \"...\".");
            return null;
        }

        var text = expression.Text();
        if (string.IsNullOrWhiteSpace(text))
        {
            expression.Refuse("The expression is empty. Write one, or remove the filter or action.");
            return null;
        }

        return text;
    }

    private static CorrelationFilter CorrelationFilter(ConfigNode node)
    {
        var members = node.Members([.. CorrelationProperties.Keys]);
        if (members.ContainsKey("Label") && members.ContainsKey("Subject"))
        {
            node.Refuse("\"Label\" and \"Subject\" are the same property. Remove one.");
        }

        return members.Aggregate(new CorrelationFilter(), (filter, member) => CorrelationProperties[member.Key](filter, member.Value));
    }

    private static IReadOnlyDictionary<string, object> Parameters(IReadOnlyDictionary<string, ConfigNode> members) =>
        members.TryGetValue("Parameters", out var parameters) ? Values(parameters) : new Dictionary<string, object>();

    private static Dictionary<string, object> Values(ConfigNode node)
    {
        var values = new Dictionary<string, object>();
        foreach (var (name, value) in node.AnyMembers())
        {
            if (!values.TryAdd(name, value.Scalar()))
            {
                node.Refuse($"'{name}' is specified twice. Remove one.");
            }
        }

        return values;
    }
}
