using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules;

/// <summary>A correlation filter as the list of what it compares.</summary>
internal sealed class CorrelationMatch
{
    private readonly List<(SystemProperty Property, string Value)> _system = [];
    private readonly List<(string Name, SqlValue Value)> _properties = [];

    public CorrelationMatch(CorrelationFilter filter)
    {
        Add(SystemProperty.CorrelationId, filter.CorrelationId);
        Add(SystemProperty.MessageId, filter.MessageId);
        Add(SystemProperty.To, filter.To);
        Add(SystemProperty.ReplyTo, filter.ReplyTo);
        Add(SystemProperty.Label, filter.Subject);
        Add(SystemProperty.SessionId, filter.SessionId);
        Add(SystemProperty.ReplyToSessionId, filter.ReplyToSessionId);
        Add(SystemProperty.ContentType, filter.ContentType);
        foreach (var (name, value) in filter.Properties)
        {
            _properties.Add((name, SqlValue.Of(value)));
        }
    }

    /// <summary>How many properties are compared.</summary>
    public int Count => _system.Count + _properties.Count;

    public bool Matches(IPropertySource message)
    {
        foreach (var (property, value) in _system)
        {
            if (message.Get(property) is not { Kind: SqlKind.Text } actual || !string.Equals(actual.Text, value, StringComparison.Ordinal))
            {
                return false;
            }
        }

        foreach (var (name, value) in _properties)
        {
            if (!message.TryGet(name, out var actual) || !AreEqual(actual, value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Values of different types are different, but numbers are compared as numbers, because clients write them in different widths.
    /// </summary>
    private static bool AreEqual(in SqlValue actual, in SqlValue value) =>
        (actual.Kind == value.Kind || (actual.IsNumber && value.IsNumber))
        && actual.Kind is not (SqlKind.Unknown or SqlKind.Other)
        && SqlOperators.Compare("=", actual, value) == 0;

    private void Add(SystemProperty property, string? value)
    {
        if (value is not null)
        {
            _system.Add((property, value));
        }
    }
}
