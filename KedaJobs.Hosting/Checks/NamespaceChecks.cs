using KedaJobs.Hosting.Broker;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// What a namespace runs on here, and what its entities and rules say to Service Bus. Sources: the resource types of
/// Microsoft.ServiceBus/namespaces (queues, topics, subscriptions, rules), and what Aspire publishes of them.
/// </summary>
internal static class NamespaceChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedNamespace bus)
    {
        if (bus.RunVerbs.Count > 1)
        {
            yield return new(CheckCode.TwoBrokers, bus.Resource,
                $"{string.Join(" and ", bus.RunVerbs)} choose its broker.",
                "Call only one of them, once.");
        }

        foreach (var finding in bus.Entities.SelectMany(
            entity => Forwarding(bus, entity).Concat(entity.Rules.SelectMany(rule => Rules(entity, rule)))))
        {
            yield return finding;
        }
    }

    /// <summary>Each port that more than one namespace is to listen on.</summary>
    public static IEnumerable<CheckFinding> Ports(CheckedModel model) =>
        from bus in model.Namespaces
        where bus.Port is not null
        group bus by bus.Port into sharing
        where sharing.Count() > 1
        select new CheckFinding(CheckCode.PortShared, sharing.Last().Resource,
            $"{string.Join(" and ", sharing.Select(bus => $"'{bus.Resource}'"))} are configured to listen on port {sharing.Key}.",
            "Give each namespace its own port, or none to use any free port.");

    private static IEnumerable<CheckFinding> Forwarding(CheckedNamespace bus, CheckedEntity entity)
    {
        (string Property, string? Target)[] forwards =
            [("ForwardTo", entity.ForwardTo), ("ForwardDeadLetteredMessagesTo", entity.ForwardDeadLetteredMessagesTo)];
        foreach (var (property, declared) in forwards)
        {
            if (declared is null)
            {
                continue;
            }

            var target = ForwardTargets.Path(declared);

            // Service Bus compares names case-insensitively. Messages cannot be forwarded to a subscription: its path is not a name.
            if (target.Equals(entity.Path, StringComparison.OrdinalIgnoreCase))
            {
                yield return new(CheckCode.ForwardTarget, entity.Resource,
                    $"{property} of '{entity.Path}' is the entity itself.",
                    "Forward to another queue or topic, or not at all.");
            }
            else if (!bus.Exists && !bus.Entities.Any(other => !other.Path.Contains('/', StringComparison.Ordinal)
                && other.Path.Equals(target, StringComparison.OrdinalIgnoreCase)))
            {
                yield return new(CheckCode.ForwardTarget, entity.Resource,
                    $"{property} of '{entity.Path}' is '{target}', and '{bus.Resource}' has no queue or topic of that name: "
                        + "Service Bus would reject it.",
                    $"Declare it with AddServiceBusQueue or AddServiceBusTopic on '{bus.Resource}', or correct the name.");
            }
        }
    }

    private static IEnumerable<CheckFinding> Rules(CheckedEntity subscription, CheckedRule rule)
    {
        if (rule.IsSql)
        {
            yield return new(CheckCode.Filter, subscription.Resource,
                $"rule '{rule.Name}' of '{subscription.Path}' is a SQL filter, but Aspire's rules have no property for its expression.",
                "Use a correlation filter, or create the rule with a ServiceBusAdministrationClient once the namespace exists.");
        }
        else if (rule.IsEmpty)
        {
            yield return new(CheckCode.Filter, subscription.Resource,
                $"rule '{rule.Name}' of '{subscription.Path}' compares nothing, which Azure rejects.",
                "Set a property of its CorrelationFilter, or remove the rule: a subscription without rules takes every message.");
        }

        foreach (var (property, value) in rule.Properties.Where(property => !rule.IsSql && property.Value is not string))
        {
            yield return new(CheckCode.FilterValue, subscription.Resource,
                $"rule '{rule.Name}' of '{subscription.Path}' compares '{property}' with {value ?? "nothing"} "
                    + $"({value?.GetType().Name ?? "null"}).",
                "Azure's resource definition of a rule accepts text only: "
                    + "write the value in quotes, and let senders set the property as text.");
        }
    }
}
