using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What the dashboard and the waits see of a resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    private readonly ImmutableArray<HealthReportSnapshot> _healthReports = [];

    public required string ResourceType { get; init; }

    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    public ResourceStateSnapshot? State { get; init; }

    public DateTime? CreationTimeStamp { get; init; }

    public DateTime? StartTimeStamp { get; init; }

    public DateTime? StopTimeStamp { get; init; }

    public int? ExitCode { get; init; }

    public bool IsHidden { get; init; }

    public string? IconName { get; init; }

    public IconVariant? IconVariant { get; init; }

    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    public ImmutableArray<VolumeSnapshot> Volumes { get; init; } = [];

    public ImmutableArray<HealthReportSnapshot> HealthReports
    {
        get => _healthReports;
        internal init => _healthReports = value;
    }

    /// <summary>Known only while the resource is running: the worst report, a report without a result counting as unhealthy.</summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running
        ? null
        : HealthReports.IsDefaultOrEmpty ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
        : HealthReports.Min(r => r.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);

    /// <summary>The handlers of the resource's ready event; null until the event was raised.</summary>
    internal Task? ResourceReady { get; init; }
}

public static class CustomResourceSnapshotExtensions
{
    public static CustomResourceSnapshot WithHealthReports(this CustomResourceSnapshot snapshot, ImmutableArray<HealthReportSnapshot> healthReports)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshot with { HealthReports = healthReports };
    }
}

public static class CustomResourceKnownProperties
{
    public static string Source { get; } = "resource.source";

    public static string ConnectionString { get; } = "resource.connectionString";
}

/// <summary>Property names that the dashboard knows but the public surface does not name.</summary>
internal static class KnownProperties
{
    public const string ParentName = "resource.parentName";
    public const string WaitingFor = "resource.waitingFor";
    public const string ExitCode = "resource.exitCode";
    public const string AppArgs = "resource.appArgs";
    public const string ProjectPath = "project.path";
    public const string ProjectLaunchProfile = "project.launchProfile";
    public const string ExecutablePath = "executable.path";
    public const string ExecutablePid = "executable.pid";
    public const string ExecutableWorkDir = "executable.workDir";
    public const string ExecutableArgs = "executable.args";
}
