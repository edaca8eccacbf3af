using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules;

/// <summary>What an action changes of a message. Later statements see what earlier ones did.</summary>
internal sealed class MessageEdit(IPropertySource original) : IPropertySource
{
    private readonly Dictionary<string, SqlValue?> _properties = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<SystemProperty, string?> _system = [];

    /// <summary>
    /// Application properties by their names without regard to letter case: new values, or null for those that are removed.
    /// </summary>
    public IReadOnlyDictionary<string, SqlValue?> Properties => _properties;

    /// <summary>System properties and their new values; null removes the value.</summary>
    public IReadOnlyDictionary<SystemProperty, string?> System => _system;

    public bool TryGet(string name, out SqlValue value)
    {
        if (!_properties.TryGetValue(name, out var changed))
        {
            return original.TryGet(name, out value);
        }

        value = changed ?? SqlValue.Unknown;
        return changed is not null;
    }

    public SqlValue Get(SystemProperty property) =>
        _system.TryGetValue(property, out var changed) ? SqlValue.Of(changed) : original.Get(property);

    /// <exception cref="FilterException">The value cannot be put into a message.</exception>
    public void Set(string name, in SqlValue value) =>
        _properties[name] = value.Kind == SqlKind.Other
            ? throw new FilterException($"The property '{name}' cannot be set to a value of this type.")
            : value;

    /// <inheritdoc cref="Set(string, in SqlValue)"/>
    public void Set(SystemProperty property, in SqlValue value)
    {
        var text = value.ToText();
        if (property == SystemProperty.SessionId && text is { Length: > QueueEntity.MaxSessionIdLength })
        {
            throw new FilterException($"A session id may have {QueueEntity.MaxSessionIdLength} characters, not {text.Length}.");
        }

        _system[property] = text;
    }

    public void Remove(string name) => _properties[name] = null;
}
