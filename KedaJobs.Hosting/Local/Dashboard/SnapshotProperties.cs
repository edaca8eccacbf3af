using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>Sets a resource's own properties and leaves the others, which belong to Aspire, as they are.</summary>
internal sealed class SnapshotProperties(ImmutableArray<ResourcePropertySnapshot> existing)
{
    // Aspire's own properties have none, or positive numbers.
    private const int First = 1;

    private readonly List<ResourcePropertySnapshot> _properties = [.. existing];
    private int _order = First;

    /// <summary>
    /// A property that the details show by default, before Aspire's own, in the order of these calls. Null: it is left out.
    /// </summary>
    public SnapshotProperties Highlight(string name, object? value) => Set(name, value, isHighlighted: true);

    /// <summary>A property that the details show on request. Null: it is left out.</summary>
    public SnapshotProperties Add(string name, object? value) => Set(name, value, isHighlighted: false);

    /// <summary>A property that Aspire itself knows.</summary>
    public SnapshotProperties Known(string name, object? value)
    {
        _properties.RemoveAll(property => property.Name == name);
        _properties.Add(new(name, value));
        return this;
    }

    public ImmutableArray<ResourcePropertySnapshot> ToImmutable() => [.. _properties];

    private SnapshotProperties Set(string name, object? value, bool isHighlighted)
    {
        _properties.RemoveAll(property => property.Name == name);
        if (value is not null)
        {
            _properties.Add(new(name, value) { DisplayName = name, IsHighlighted = isHighlighted, SortOrder = _order });
        }

        _order++;
        return this;
    }
}
