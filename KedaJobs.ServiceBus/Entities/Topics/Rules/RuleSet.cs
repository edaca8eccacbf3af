using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules;

/// <summary>The rules of a subscription, and what they make of a message. Immutable.</summary>
internal sealed class RuleSet(IEnumerable<CompiledRule> rules)
{
    private readonly CompiledRule[] _rules = [.. rules.OrderBy(rule => rule.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Ordered by name.</summary>
    public IReadOnlyList<CompiledRule> Rules => _rules;

    public CompiledRule? Find(string name) => Array.Find(_rules, rule => rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public RuleSet With(CompiledRule rule) => new(Without(rule.Name)._rules.Append(rule));

    public RuleSet Without(string name) => new(_rules.Where(rule => !rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));

    /// <summary>
    /// The copies of a message that the subscription gets: one for all matching rules without an action, one for each matching rule with an
    /// action. A rule that fails does not keep the others from matching.
    /// </summary>
    /// <param name="message">The message's properties.</param>
    /// <param name="content">The message.</param>
    /// <param name="copies">Receives the copies; the unchanged one is the message itself.</param>
    /// <param name="failure">Why the first rule that failed did, or null.</param>
    public void Select(IPropertySource message, MessageContent content, List<MessageContent> copies, out string? failure)
    {
        failure = null;
        var isSelected = false;
        foreach (var rule in _rules)
        {
            if (isSelected && !rule.HasAction)
            {
                continue;
            }

            try
            {
                if (!rule.Matches(message))
                {
                    continue;
                }

                if (rule.HasAction)
                {
                    copies.Add(rule.Apply(content, message));
                }
                else
                {
                    isSelected = true;
                    copies.Add(content);
                }
            }
            catch (FilterException failed)
            {
                failure ??= $"Rule '{rule.Name}': {failed.Message}";
            }
        }
    }
}
