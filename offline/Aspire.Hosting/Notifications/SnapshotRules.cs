using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What the host itself contributes to each snapshot, whoever publishes it.</summary>
internal static class SnapshotRules
{
    public static CustomResourceSnapshot Initial(IResource resource)
    {
        var snapshot = resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var annotation)
            ? annotation.InitialSnapshot
            : new CustomResourceSnapshot { ResourceType = resource.GetResourceType(), Properties = [] };
        return resource.HasAnnotationOfType<HiddenAnnotation>() ? snapshot with { IsHidden = true } : snapshot;
    }

    public static CustomResourceSnapshot Complete(IResource resource, CustomResourceSnapshot snapshot, IServiceProvider services)
    {
        snapshot = WithHiding(resource, WithIcon(resource, snapshot));
        return snapshot with { Commands = CommandsOf(resource, snapshot, services) };
    }

    /// <summary>Relationships that annotations declare; a Parent one also when the resource names its parent by type.</summary>
    public static ImmutableArray<RelationshipSnapshot> RelationshipsOf(IResource resource)
    {
        var relationships = resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(r => new RelationshipSnapshot(r.Resource.Name, r.Type));
        if (resource is IResourceWithParent child)
        {
            relationships = relationships.Append(new RelationshipSnapshot(child.Parent.Name, KnownRelationshipTypes.Parent));
        }

        return [.. relationships.Distinct()];
    }

    /// <summary>A snapshot never loses a command by itself: annotations add or refresh, nothing removes.</summary>
    private static ImmutableArray<ResourceCommandSnapshot> CommandsOf(IResource resource, CustomResourceSnapshot snapshot, IServiceProvider services)
    {
        var commands = snapshot.Commands.IsDefault ? [] : snapshot.Commands;
        foreach (var annotation in resource.Annotations.OfType<ResourceCommandAnnotation>().ToArray())
        {
            var state = annotation.UpdateState(new UpdateCommandStateContext { ResourceSnapshot = snapshot, ServiceProvider = services });
            var command = new ResourceCommandSnapshot(annotation.Name, state, annotation.DisplayName, annotation.DisplayDescription, Parameter: null,
                annotation.ConfirmationMessage, annotation.IconName, annotation.IconVariant, annotation.IsHighlighted)
            {
                Arguments = annotation.Arguments,
                Visibility = annotation.Visibility,
            };
            var existing = commands.FirstOrDefault(c => c.Name == annotation.Name);
            commands = existing is null ? commands.Add(command) : commands.Replace(existing, command);
        }

        return commands;
    }

    private static CustomResourceSnapshot WithIcon(IResource resource, CustomResourceSnapshot snapshot) =>
        snapshot.IconName is null && resource.TryGetLastAnnotation<ResourceIconAnnotation>(out var icon)
            ? snapshot with { IconName = icon.IconName, IconVariant = icon.IconVariant }
            : snapshot;

    private static CustomResourceSnapshot WithHiding(IResource resource, CustomResourceSnapshot snapshot) =>
        snapshot is { IsHidden: false, ExitCode: { } exitCode } && KnownResourceStates.IsTerminal(snapshot.State?.Text)
            && resource.TryGetLastAnnotation<HiddenOnCompletionAnnotation>(out var hidden) && hidden.ExitCodes.Contains(exitCode)
            ? snapshot with { IsHidden = true }
            : snapshot;
}

internal static class ResourceSnapshotExtensions
{
    public static ImmutableArray<ResourcePropertySnapshot> SetProperty(this ImmutableArray<ResourcePropertySnapshot> properties, string name, object? value, bool isSensitive = false)
    {
        var all = properties.IsDefault ? [] : properties;
        var replacement = new ResourcePropertySnapshot(name, value) { IsSensitive = isSensitive };
        var existing = all.FirstOrDefault(p => p.Name == name);
        return existing is null ? all.Add(replacement) : all.Replace(existing, replacement);
    }

    public static ImmutableArray<ResourcePropertySnapshot> RemoveProperty(this ImmutableArray<ResourcePropertySnapshot> properties, string name) =>
        properties.IsDefault ? [] : properties.RemoveAll(p => p.Name == name);
}
