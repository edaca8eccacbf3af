using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>What everything that supervises processes needs of the host.</summary>
internal sealed record Supervision(ResourceNotificationService Notifications, ResourceLoggerService Loggers, IDistributedApplicationEventing Eventing,
    DistributedApplicationExecutionContext ExecutionContext, IServiceProvider Services, TimeProvider Time, ILogger Log)
{
    /// <summary>The public ports that endpoints ask for are not taken: several runs of one AppHost do not get into each other's way.</summary>
    public required bool RandomizePorts { get; init; }

    /// <summary>The build configuration of projects: the AppHost's own.</summary>
    public required string BuildConfiguration { get; init; }

    /// <summary>Cancelled when the application stops: nothing is started any more.</summary>
    public required CancellationToken Stopping { get; init; }

    public DateTime Now => Time.GetUtcNow().UtcDateTime;
}
