using System.Text.RegularExpressions;

namespace KedaJobs.ServiceBus;

/// <summary>The ranges of Service Bus, for declarations in code, in configuration files and over HTTP alike.</summary>
internal static partial class QueueOptionsValidator
{
    /// <summary>The longest name of a queue, in characters.</summary>
    public const int MaxNameLength = 260;

    private const int MaxUserMetadataLength = 1024;

    /// <summary>
    /// What a name may be, as error messages say it. As the service takes it from clients: names that end in a letter or digit are a rule
    /// of the portal and of Azure Resource Manager, and frameworks make others (<c>Fault--Order--</c>).
    /// </summary>
    public const string NameRule =
        "Use 1 to 260 letters, digits, '.', '-', '_' and '/'. Start with a letter or digit, don't end with '/', "
        + "and don't use '/Subscriptions/', which names the subscriptions of topics.";

    /// <summary>Every value that is out of its range, as "Property: what is wrong and what is allowed".</summary>
    public static IEnumerable<string> Validate(QueueOptions queue)
    {
        if (!IsName(queue.Name))
        {
            yield return $"Name: '{queue.Name}' is not a queue name. {NameRule}";
        }

        foreach (var problem in ValidateValues(queue))
        {
            yield return problem;
        }
    }

    /// <summary>The same for all but the name: also a topic's intake and a subscription are queues.</summary>
    public static IEnumerable<string> ValidateValues(QueueOptions queue)
    {
        foreach (var problem in ValidateDurations(queue).Concat(ValidateNumbers(queue)).Concat(ValidateReferences(queue)))
        {
            yield return problem;
        }

        if (queue.UserMetadata is { Length: > MaxUserMetadataLength } metadata)
        {
            yield return $"UserMetadata: {metadata.Length} characters; at most {MaxUserMetadataLength} are allowed.";
        }

        if (!Enum.IsDefined(queue.Status))
        {
            yield return $"Status: {queue.Status} is unknown; use Active, Disabled, SendDisabled or ReceiveDisabled.";
        }
    }

    /// <summary>What a change of the queue may not touch.</summary>
    public static IEnumerable<string> ValidateChange(QueueOptions current, QueueOptions changed)
    {
        (string Property, bool Before, bool After)[] fixedValues =
        [
            (nameof(QueueOptions.RequiresSession), current.RequiresSession, changed.RequiresSession),
            (nameof(QueueOptions.RequiresDuplicateDetection), current.RequiresDuplicateDetection, changed.RequiresDuplicateDetection),
            (nameof(QueueOptions.EnablePartitioning), current.EnablePartitioning, changed.EnablePartitioning),
        ];
        return from value in fixedValues
               where value.Before != value.After
               select $"{value.Property}: cannot be changed after the queue was created. Delete the queue and create it again.";
    }

    /// <summary>Whether the text can name a queue or topic.</summary>
    public static bool IsName(string? name) =>
        name is { Length: >= 1 and <= MaxNameLength }
        && NamePattern().IsMatch(name)
        && !name.Contains("/subscriptions/", StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith("/subscriptions", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> ValidateDurations(QueueOptions queue)
    {
        (string Property, TimeSpan Value, TimeSpan Least, TimeSpan Most)[] durations =
        [
            (nameof(queue.LockDuration), queue.LockDuration, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
            (nameof(queue.DefaultMessageTimeToLive), queue.DefaultMessageTimeToLive, TimeSpan.FromSeconds(1), TimeSpan.MaxValue),
            (
                nameof(queue.DuplicateDetectionHistoryTimeWindow),
                queue.DuplicateDetectionHistoryTimeWindow,
                TimeSpan.FromSeconds(5),
                TimeSpan.FromDays(7)),
            (nameof(queue.AutoDeleteOnIdle), queue.AutoDeleteOnIdle, TimeSpan.FromMinutes(5), TimeSpan.MaxValue),
        ];
        return from duration in durations
               where duration.Value < duration.Least || duration.Value > duration.Most
               select $"{duration.Property}: {duration.Value} is out of range; use {duration.Least}" +
                   (duration.Most == TimeSpan.MaxValue ? " or more." : $" to {duration.Most}.");
    }

    private static IEnumerable<string> ValidateNumbers(QueueOptions queue)
    {
        (string Property, int Value, int Least, int Most)[] numbers =
        [
            (nameof(queue.MaxDeliveryCount), queue.MaxDeliveryCount, 1, int.MaxValue),
            (nameof(queue.MaxSizeInMegabytes), queue.MaxSizeInMegabytes, 1024, 81920),
            (nameof(queue.MaxMessageSizeInKilobytes), queue.MaxMessageSizeInKilobytes, 1, 102400),
        ];
        return from number in numbers
               where number.Value < number.Least || number.Value > number.Most
               select $"{number.Property}: {number.Value} is out of range; use {number.Least} to {number.Most}.";
    }

    private static IEnumerable<string> ValidateReferences(QueueOptions queue)
    {
        (string Property, string? Target)[] references =
        [
            (nameof(queue.ForwardTo), queue.ForwardTo),
            (nameof(queue.ForwardDeadLetteredMessagesTo), queue.ForwardDeadLetteredMessagesTo),
        ];
        foreach (var (property, target) in references.Where(reference => !string.IsNullOrEmpty(reference.Target)))
        {
            var name = ForwardingTarget.NameOf(target);
            if (!IsName(name))
            {
                yield return $"{property}: '{target}' is not the name of a queue or topic.";
            }
            else if (string.Equals(name, queue.Name, StringComparison.OrdinalIgnoreCase))
            {
                yield return $"{property}: it cannot forward to itself.";
            }
        }

        if (queue.RequiresSession && !string.IsNullOrEmpty(queue.ForwardTo))
        {
            yield return $"{nameof(queue.ForwardTo)}: an entity that requires sessions cannot forward.";
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._/\-]*[A-Za-z0-9._\-])?\z")]
    private static partial Regex NamePattern();
}
