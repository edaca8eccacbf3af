using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, Style: null);
}

public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    public bool IsSensitive { get; init; }
}

public sealed record RelationshipSnapshot(string ResourceName, string Type);

public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    public bool IsInactive { get; init; }

    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}

public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

public sealed record VolumeSnapshot(string? Source, string Target, string MountType, bool IsReadOnly);

public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    public DateTime? LastRunAt { get; init; }
}

public sealed record ResourceCommandSnapshot(string Name, ResourceCommandState State, string DisplayName, string? DisplayDescription, object? Parameter,
    string? ConfirmationMessage, string? IconName, IconVariant? IconVariant, bool IsHighlighted)
{
    public IReadOnlyList<InteractionInput> Arguments { get; init; } = [];

    public ResourceCommandVisibility Visibility { get; init; } = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api;
}

public enum IconVariant
{
    Regular = 0,
    Filled = 1,
}

public enum ResourceCommandState
{
    Enabled = 0,
    Disabled = 1,
    Hidden = 2,
}

[Flags]
public enum ResourceCommandVisibility
{
    None = 0,
    UI = 1,
    Api = 2,
}
