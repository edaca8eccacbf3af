using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics;
using KedaJobs.ServiceBus.Entities.Topics.Rules;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Operations on the rules of a subscription.</summary>
internal sealed partial class ManagementEndpoint
{
    // The described lists of Service Bus in its answers; unlike in AMQP's own, all members of the family have numbers.
    private const ulong RuleDescriptionList = 0x0000_0137_0000_0004;
    private const ulong EmptyRuleActionList = 0x0000_0137_0000_0005;
    private const ulong SqlRuleActionList = 0x0000_0137_0000_0006;
    private const ulong SqlFilterList = 0x0000_0013_7000_0006;
    private const ulong TrueFilterList = 0x0000_0013_7000_0007;
    private const ulong FalseFilterList = 0x0000_0013_7000_0008;
    private const ulong CorrelationFilterList = 0x0000_0013_7000_0009;

    private SubscriptionEntity Subscription => queue.Entity.Subscription!;

    private AmqpResponse AddRule(RequestBody body)
    {
        var description = new RequestBody(body.OptionalMap("rule-description")
            ?? throw new RequestException(400, Errors.ArgumentCondition, "The request's body must have 'rule-description' as a map."));
        var rule = new RuleOptions
        {
            Name = body.Text("rule-name"),
            Filter = FilterOf(description),
            Action = description.OptionalMap("sql-rule-action") is { } action
                ? new SqlAction(new RequestBody(action).Text("expression"))
                : null,
        };
        return Services.Catalog.Define(Subscription, rule, replace: false, out _, out var problems) switch
        {
            CatalogOutcome.Done => Respond(new AmqpMap()),
            CatalogOutcome.Exists => throw new RequestException(
                409, Errors.AlreadyExistsCondition, $"The rule '{rule.Name}' of '{queue.Entity.Name}' already exists."),
            CatalogOutcome.NotFound => throw Failed(404, Errors.EntityNotFound(queue.Entity.Name)),
            _ => throw new RequestException(400, Errors.ArgumentCondition, string.Join(' ', problems)),
        };
    }

    private AmqpResponse RemoveRule(RequestBody body)
    {
        var name = body.Text("rule-name");
        return Services.Catalog.DeleteRule(Subscription, name) == CatalogOutcome.Done
            ? Respond(new AmqpMap())
            : throw Failed(404, Errors.EntityNotFound($"{queue.Entity.Name}/Rules/{name}"));
    }

    private AmqpResponse EnumerateRules(RequestBody body)
    {
        var (skip, top) = (body.Int("skip"), body.Int("top"));
        var rules = new List<object?>();
        foreach (var rule in Subscription.Rules.Rules.Skip(skip).Take(top))
        {
            rules.Add(new AmqpMap { ["rule-description"] = Describe(rule) });
        }

        return rules.Count == 0 ? Respond(NoContent, "No Content") : Respond(new AmqpMap { ["rules"] = rules });
    }

    private static RuleFilter FilterOf(RequestBody description)
    {
        if (description.OptionalMap("sql-filter") is { } sql)
        {
            return new SqlFilter(new RequestBody(sql).Text("expression"));
        }

        var filter = new RequestBody(description.OptionalMap("correlation-filter") ?? throw new RequestException(
            400, Errors.ArgumentCondition, "'rule-description' must have 'sql-filter' or 'correlation-filter' as a map."));
        return new CorrelationFilter
        {
            CorrelationId = filter.OptionalText("correlation-id"),
            MessageId = filter.OptionalText("message-id"),
            To = filter.OptionalText("to"),
            ReplyTo = filter.OptionalText("reply-to"),
            Subject = filter.OptionalText("label"),
            SessionId = filter.OptionalText("session-id"),
            ReplyToSessionId = filter.OptionalText("reply-to-session-id"),
            ContentType = filter.OptionalText("content-type"),
            Properties =
                filter.OptionalMap("properties")?.ToDictionary(entry => entry.Key.ToString()!, entry => PropertyValue.FromAmqp(entry.Value)
                    ?? throw new RequestException(
                        400, Errors.ArgumentCondition, $"The property '{entry.Key}' of a correlation filter is null."))
                    ?? [],
        };
    }

    private static AmqpDescribed Describe(CompiledRule rule) => new(
        RuleDescriptionList,
        new List<object?>
        {
            rule.Options.Filter switch
            {
                TrueFilter => new AmqpDescribed(TrueFilterList, new List<object?>()),
                FalseFilter => new AmqpDescribed(FalseFilterList, new List<object?>()),
                CorrelationFilter correlation => Describe(correlation),
                var sql => new AmqpDescribed(SqlFilterList, new List<object?> { ((SqlFilter)sql).Expression }),
            },
            rule.Options.Action is { } action
                ? new AmqpDescribed(SqlRuleActionList, new List<object?> { action.Expression })
                : new AmqpDescribed(EmptyRuleActionList, new List<object?>()),
            rule.Name,
            rule.CreatedAt,
        });

    private static AmqpDescribed Describe(CorrelationFilter filter)
    {
        // A map in any case: the .NET client goes through it without asking whether there is one.
        var properties = new AmqpMap();
        foreach (var (name, value) in filter.Properties)
        {
            properties[name] = PropertyValue.ToAmqp(value);
        }

        return new AmqpDescribed(
            CorrelationFilterList,
            new List<object?>
            {
                filter.CorrelationId,
                filter.MessageId,
                filter.To,
                filter.ReplyTo,
                filter.Subject,
                filter.SessionId,
                filter.ReplyToSessionId,
                filter.ContentType,
                properties,
            });
    }
}
