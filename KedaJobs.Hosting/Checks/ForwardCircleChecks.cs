using KedaJobs.Hosting.Broker;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Entities that forward to each other in a circle. Service Bus creates an entity only when its target exists, so that no order of creation
/// fits, neither in a deployment nor at the start of a broker.
/// </summary>
internal static class ForwardCircleChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedNamespace bus)
    {
        if (bus.Exists)
        {
            // Its entities may exist, too.
            return [];
        }

        var entities = bus.Entities.DistinctBy(entity => entity.Path, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(entity => entity.Path, StringComparer.OrdinalIgnoreCase);
        var done = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var way = new List<CheckedEntity>();
        var findings = new List<CheckFinding>();
        foreach (var entity in bus.Entities)
        {
            Follow(entity);
        }

        return findings;

        void Follow(CheckedEntity entity)
        {
            if (way.FindIndex(earlier => earlier.Path.Equals(entity.Path, StringComparison.OrdinalIgnoreCase)) is >= 0 and var start)
            {
                var circle = way[start..];
                findings.Add(new(CheckCode.ForwardCircle, circle[0].Resource,
                    $"entities forward to each other: {string.Join(" -> ", circle.Append(circle[0]).Select(each => $"'{each.Path}'"))}. "
                    + "Service Bus can't create any of them, because a target must exist first.",
                    "Remove one ForwardTo or ForwardDeadLetteredMessagesTo. "
                        + "If you need it, set it on the namespace after the entities exist."));
                return;
            }

            if (!done.Contains(entity.Path))
            {
                way.Add(entity);
                foreach (var target in Targets(entity))
                {
                    Follow(target);
                }

                way.RemoveAt(way.Count - 1);
                done.Add(entity.Path);
            }
        }

        // One that forwards to itself is reported as such.
        IEnumerable<CheckedEntity> Targets(CheckedEntity entity) => new[] { entity.ForwardTo, entity.ForwardDeadLetteredMessagesTo }
            .OfType<string>()
            .Select(ForwardTargets.Path)
            .Where(path => !path.Equals(entity.Path, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(path => entities.GetValueOrDefault(path))
            .OfType<CheckedEntity>();
    }
}
