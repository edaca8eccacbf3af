using Amqp.Framing;
using Amqp.Types;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

/// <summary>One way to settle a message, as a link's outcome and as a management request.</summary>
internal sealed record Settlement(
    string Status,
    IDictionary<string, object> PropertiesToModify = null,
    string DeadLetterReason = null,
    string DeadLetterDescription = null)
{
    private const int MaxReasonLength = 4096;

    public static Settlement Complete { get; } = new("completed");

    public static Settlement Abandon(IDictionary<string, object> propertiesToModify) => new("abandoned", propertiesToModify);

    // The service's own spelling.
    public static Settlement Defer(IDictionary<string, object> propertiesToModify) => new("defered", propertiesToModify);

    public static Settlement DeadLetter(IDictionary<string, object> propertiesToModify, string reason, string description)
    {
        ThrowIfTooLong(reason, nameof(reason));
        ThrowIfTooLong(description, nameof(description));
        ThrowIfTwice(propertiesToModify, WellKnown.DeadLetterReason, reason);
        ThrowIfTwice(propertiesToModify, WellKnown.DeadLetterErrorDescription, description);
        return new Settlement("suspended", propertiesToModify, reason, description);
    }

    public Outcome ToOutcome() => Status switch
    {
        "completed" => new Accepted(),
        "abandoned" => Modified(undeliverableHere: false),
        "defered" => Modified(undeliverableHere: true),
        _ => Rejected(),
    };

    private Modified Modified(bool undeliverableHere)
    {
        var modified = new Modified();
        if (undeliverableHere)
        {
            modified.UndeliverableHere = true;
        }

        if (Fields() is { Count: > 0 } fields)
        {
            modified.MessageAnnotations = fields;
        }

        return modified;
    }

    private Rejected Rejected()
    {
        var info = Fields();
        if (DeadLetterReason is not null)
        {
            info[new Symbol(WellKnown.DeadLetterReason)] = DeadLetterReason;
        }

        if (DeadLetterDescription is not null)
        {
            info[new Symbol(WellKnown.DeadLetterErrorDescription)] = DeadLetterDescription;
        }

        return info.Count == 0 ? new Rejected() : new Rejected { Error = new Error("com.microsoft:dead-letter") { Info = info } };
    }

    private Fields Fields()
    {
        var fields = new Fields();
        foreach (var (name, value) in PropertiesToModify ?? new Dictionary<string, object>())
        {
            fields[new Symbol(name)] = ValueConverter.ToAmqp(name, value);
        }

        return fields;
    }

    private static void ThrowIfTooLong(string value, string name)
    {
        if (value is { Length: > MaxReasonLength })
        {
            throw new ArgumentOutOfRangeException(name, $"The text is longer than {MaxReasonLength} characters.");
        }
    }

    private static void ThrowIfTwice(IDictionary<string, object> properties, string name, string value)
    {
        if (value is not null && properties is not null && properties.TryGetValue(name, out var other) && !value.Equals(other))
        {
            throw new InvalidOperationException($"{name} is given as an argument and, differently, among the properties to modify.");
        }
    }
}
