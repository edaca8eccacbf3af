using KedaJobs.ServiceBus.Entities.Topics;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>What a broker's start makes of what is declared. What is there and not declared stays as it is.</summary>
internal sealed partial class EntityCatalog
{
    /// <summary>
    /// Creates the declared queues, topics and subscriptions that there are not; the others take on what is declared. They may forward to
    /// each other, whichever is declared first.
    /// </summary>
    /// <returns>What is wrong with which declaration; empty if nothing.</returns>
    public IReadOnlyList<string> Declare(IReadOnlyList<QueueOptions> queues, IReadOnlyList<TopicOptions> topics)
    {
        lock (_changes)
        {
            _announced = Names(queues, topics);
            try
            {
                return [.. queues.SelectMany(Declare), .. topics.SelectMany(Declare)];
            }
            finally
            {
                _announced = [];
            }
        }
    }

    private IEnumerable<string> Declare(QueueOptions declared)
    {
        IReadOnlyList<string> problems = [];
        var outcome = Find(declared.Name) switch
        {
            null => Create(declared, out _, out problems),
            { Kind: not EntityKind.Queue } => CatalogOutcome.Exists,
            { Options: var current } when SameDeclaration.Is(current, declared) => CatalogOutcome.Done,
            _ => Update(declared, out _, out problems),
        };
        return Say($"Queue '{declared.Name}'", outcome, problems);
    }

    private IEnumerable<string> Declare(TopicOptions declared)
    {
        IReadOnlyList<string> problems = [];
        TopicEntity? topic = null;
        var outcome = Find(declared.Name) switch
        {
            null => Create(declared, out _, out problems),
            { Topic: null } => CatalogOutcome.Exists,
            { Topic: var known } when SameDeclaration.Is((topic = known).Options, declared) => CatalogOutcome.Done,
            _ => Update(declared, out topic, out problems),
        };
        var wrong = Say($"Topic '{declared.Name}'", outcome, problems);
        return topic is null ? wrong : [.. wrong, .. declared.Subscriptions.SelectMany(subscription => Declare(topic, subscription))];
    }

    private IEnumerable<string> Declare(TopicEntity topic, SubscriptionOptions declared)
    {
        IReadOnlyList<string> problems = [];
        var known = topic.Find(declared.Name);
        var outcome = known is null ? Create(topic.Name, declared, out _, out problems)
            : SameDeclaration.Is(known.Options, declared) ? CatalogOutcome.Done
            : Update(topic.Name, declared, out _, out problems);
        if (known is not null && outcome == CatalogOutcome.Done)
        {
            DeclareRules(known, declared.Rules);
        }

        return Say($"Subscription '{declared.Name}' of topic '{topic.Name}'", outcome, problems);
    }

    /// <summary>A subscription has the rules that are declared and no others: one rule too many could select everything.</summary>
    private void DeclareRules(SubscriptionEntity subscription, IReadOnlyList<RuleOptions> declared)
    {
        foreach (var rule in declared)
        {
            var current = subscription.Rules.Find(rule.Name);
            if (current is null || !SameDeclaration.Is(current.Options, rule))
            {
                Define(subscription, rule, replace: current is not null, out _, out _);
            }
        }

        foreach (var rule in subscription.Rules.Rules.Where(
            rule => !declared.Any(one => one.Name.Equals(rule.Name, StringComparison.OrdinalIgnoreCase))))
        {
            DeleteRule(subscription, rule.Name);
        }
    }

    private static IEnumerable<string> Say(string what, CatalogOutcome outcome, IReadOnlyList<string> problems) => outcome switch
    {
        CatalogOutcome.Done => [],
        CatalogOutcome.Exists => [$"{what} has the name of another kind of entity in the data directory."],
        _ => problems.Select(problem => $"{what} is in the data directory with other values. {problem}"),
    };
}
