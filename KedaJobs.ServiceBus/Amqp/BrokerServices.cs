using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Security;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What an AMQP endpoint needs of the broker.</summary>
internal sealed record BrokerServices(
    EntityCatalog Catalog, TokenValidator Tokens, CommitGate Commits, TimeProvider Time, BrokerTelemetry Telemetry)
{
    public DateTime Now => Time.UtcNow();
}
