using KedaJobs.Hosting.Local.Executions;
using KedaJobs.Hosting.Local.Processes;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local;

/// <summary>What a local job is made of.</summary>
internal sealed record LocalJobParts
{
    public required string Name { get; init; }

    public required string JobName { get; init; }

    public JobKind Kind { get; init; }

    /// <summary>The cron expression of a scheduled job.</summary>
    public string? Schedule { get; init; }

    public required EventJobOptions Options { get; init; }

    public required TimeSpan PollingInterval { get; init; }

    /// <summary>
    /// The names of the resources that can show executions, in the order of their use, with the
    /// service instance that their telemetry carries.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Slots { get; init; }

    public required IReplicaTemplateSource Templates { get; init; }

    public required IReplicaStarter Starter { get; init; }

    /// <summary>
    /// Gives the log of a slot. It still has the executions that were there before: Aspire keeps what a
    /// resource logged, and offers no way to drop it.
    /// </summary>
    public required Func<string, ILogger> OpenSlotLog { get; init; }

    public required JobLog Log { get; init; }

    /// <summary>The clock of executions: their times and time-outs.</summary>
    public required TimeProvider TimeProvider { get; init; }

    /// <summary>The clock by which polls are due.</summary>
    public required TimeProvider ScheduleClock { get; init; }

    public required Random Random { get; init; }

    public required ScalingMetrics Metrics { get; init; }

    /// <summary>The identity of a replica of an execution.</summary>
    public ReplicaIdentity IdentityOf(JobExecution execution, int replica) =>
        new(JobName, execution.Name, $"{execution.Name}-{replica}")
        {
            ServiceName = Name,
            // Without a slot the execution's own suffix tells its telemetry apart.
            ServiceInstance = execution.ResourceName is { } slot ? Slots[slot] : execution.Name[(JobName.Length + 1)..],
        };
}
