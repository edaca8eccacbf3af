using System.Globalization;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export;

/// <summary>What a target cannot hold, as sentences for the first lines of the output, so that nothing is lost silently.</summary>
internal static class Omissions
{
    /// <summary>What the definition itself could not hold.</summary>
    public static IEnumerable<string> OfDefinition(JobDefinition job) => (job.Omitted ?? []).Select(Sentence);

    public static string Sentence(string what) => $"NOT INCLUDED: {what}";

    /// <summary>The namespace with its entities, of a target that does not create them: all that was declared of each.</summary>
    public static IEnumerable<string> Messaging(JobDefinition job)
    {
        if (job.Namespace is not { } bus)
        {
            yield break;
        }

        var existing = bus.Existing is not { } place ? "must be created"
            : $"exists as {place.Name}{(place.ResourceGroup is { } group ? $" in the resource group {group}" : "")}";
        yield return Sentence($"the namespace '{bus.Name}', which {existing}, and these entities of it:");
        foreach (var queue in job.Queues)
        {
            yield return Sentence($"the queue '{queue.Name}'{Properties([
                ("lockDurationSeconds", queue.LockDurationSeconds), ("maxDeliveryCount", queue.MaxDeliveryCount),
                ("defaultMessageTimeToLiveSeconds", queue.DefaultMessageTimeToLiveSeconds),
                ("deadLetteringOnMessageExpiration", queue.DeadLetteringOnMessageExpiration),
                ("requiresDuplicateDetection", queue.RequiresDuplicateDetection),
                ("duplicateDetectionHistoryTimeWindowSeconds", queue.DuplicateDetectionHistoryTimeWindowSeconds),
                ("requiresSession", queue.RequiresSession), ("forwardTo", queue.ForwardTo),
                ("forwardDeadLetteredMessagesTo", queue.ForwardDeadLetteredMessagesTo)])}.");
        }

        foreach (var topic in job.Topics)
        {
            yield return Sentence($"the topic '{topic.Name}'{Properties([
                ("defaultMessageTimeToLiveSeconds", topic.DefaultMessageTimeToLiveSeconds),
                ("requiresDuplicateDetection", topic.RequiresDuplicateDetection),
                ("duplicateDetectionHistoryTimeWindowSeconds", topic.DuplicateDetectionHistoryTimeWindowSeconds)])}.");
            foreach (var subscription in topic.Subscriptions)
            {
                yield return Sentence($"the subscription '{topic.Name}/{subscription.Name}'{Properties([
                    ("lockDurationSeconds", subscription.LockDurationSeconds), ("maxDeliveryCount", subscription.MaxDeliveryCount),
                    ("defaultMessageTimeToLiveSeconds", subscription.DefaultMessageTimeToLiveSeconds),
                    ("deadLetteringOnMessageExpiration", subscription.DeadLetteringOnMessageExpiration),
                    ("requiresSession", subscription.RequiresSession), ("forwardTo", subscription.ForwardTo),
                    ("forwardDeadLetteredMessagesTo", subscription.ForwardDeadLetteredMessagesTo)])}.");
                foreach (var rule in subscription.Rules ?? [])
                {
                    yield return Sentence($"the rule '{rule.Name}' of '{topic.Name}/{subscription.Name}'{Rule(rule)}.");
                }
            }
        }
    }

    /// <summary>Arguments that hold a secret: Container Apps and Kubernetes show arguments to everyone who may read the job.</summary>
    public static IEnumerable<string> SecretArguments(JobDefinition job) =>
        from secret in (job.Command ?? []).Concat(job.Arguments ?? []).SelectMany(text => text.Secrets).Distinct(StringComparer.Ordinal)
        select $"WARNING: an argument holds the secret '{secret}', and everyone who can read the job can read its arguments. "
            + "Pass it in an environment variable instead.";

    private static string Rule(SubscriptionRuleDefinition rule)
    {
        var filter = rule.CorrelationFilter ?? new();
        return Properties(
        [
            ("correlationId", filter.CorrelationId), ("messageId", filter.MessageId), ("to", filter.To), ("replyTo", filter.ReplyTo),
            ("subject", filter.Subject),
            ("sessionId", filter.SessionId), ("replyToSessionId", filter.ReplyToSessionId), ("contentType", filter.ContentType),
            .. (filter.Properties ?? new Dictionary<string, string>())
                .Select(property => ($"properties.{property.Key}", (object?)property.Value)),
            ("requiresPreprocessing", filter.RequiresPreprocessing), ("sqlFilter", rule.SqlFilter), ("action", rule.Action),
        ]);
    }

    private static string Properties(IEnumerable<(string Name, object? Value)> properties)
    {
        var given = properties.Where(property => property.Value is not null)
            .Select(property => $"{property.Name} {Text(property.Value!)}")
            .ToList();
        return given.Count == 0 ? "" : $" ({string.Join(", ", given)})";
    }

    private static string Text(object value) =>
        value is bool boolean ? boolean ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>A comment ends with its line: text that a user wrote must not.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}
