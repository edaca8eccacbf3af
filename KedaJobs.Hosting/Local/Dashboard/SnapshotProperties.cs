using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Dashboard;

internal static class SnapshotProperties
{
    /// <summary>Sets properties by name and leaves the others, which belong to Aspire, as they are.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> With(
        this ImmutableArray<ResourcePropertySnapshot> properties,
        params ReadOnlySpan<(string Name, object? Value)> changes)
    {
        var result = properties.ToBuilder();
        foreach (var (name, value) in changes)
        {
            var property = new ResourcePropertySnapshot(name, value);
            var index = properties.IndexOf(properties.FirstOrDefault(existing => existing.Name == name)!);
            if (index < 0)
            {
                result.Add(property);
            }
            else
            {
                result[index] = property;
            }
        }

        return result.ToImmutable();
    }
}
