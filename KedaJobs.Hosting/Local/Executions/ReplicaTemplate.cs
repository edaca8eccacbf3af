using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Hosting.Local.Programs;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>What the replicas started by one decision have in common.</summary>
internal sealed record ReplicaTemplate(
    WorkerProgram Program, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Environment)
{
    /// <summary>The environment that replicas inherit from this process.</summary>
    public required IReadOnlyDictionary<string, string> Inherited { get; init; }

    public required bool ExportTelemetry { get; init; }

    /// <summary>How the worker's containers are run; null where the program is the worker itself.</summary>
    public ContainerCommand? Container { get; init; }

    public ReplicaStart For(ReplicaIdentity identity) => Container is null
        ? new(
            Program.FileName,
            [.. Program.LeadingArguments, .. Arguments],
            Program.WorkingDirectory,
            ReplicaEnvironment.Create(Inherited, Environment, identity, ExportTelemetry))
        : Container.Start(
            Program.FileName,
            Program.WorkingDirectory,
            identity.ReplicaName,
            Arguments,
            Inherited,
            ReplicaEnvironment.Create([], Environment, identity, ExportTelemetry));
}

/// <summary>Creates the template for a decision's executions. A seam: tests replace Aspire.</summary>
internal interface IReplicaTemplateSource
{
    /// <summary>Whether finding the worker's program may take minutes.</summary>
    bool IsSlow => false;

    /// <summary>Finds the worker's program. Any exception means that nothing can be started; its message says why.</summary>
    Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Finds the worker's program and computes its arguments and environment. Any exception means as for <see cref="LocateAsync"/>.
    /// </summary>
    Task<ReplicaTemplate> PrepareAsync(CancellationToken cancellationToken);
}
