using Azure.Core;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace KedaJobs.Producer.Queue;

/// <summary>Reads the counts of the jobs queue from the management API: the same that KEDA's scaler reads.</summary>
internal sealed class QueueCountReader(
    [FromKeyedServices(ConnectionNames.Jobs)] ServiceBusQueue jobs, IOptions<ProducerOptions> options, TimeProvider time)
{
    private readonly ServiceBusAdministrationClient _management = jobs.CreateAdministrationClient(new ServiceBusAdministrationClientOptions
    {
        Retry =
            { MaxRetries = 1, Mode = RetryMode.Fixed, Delay = TimeSpan.FromMilliseconds(200), NetworkTimeout = TimeSpan.FromSeconds(3) },
    });

    public async Task<QueueState> ReadAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var counts = (await _management.GetQueueRuntimePropertiesAsync(jobs.Name, either.Token)).Value;
        return new QueueState(jobs.Name, counts.ActiveMessageCount, counts.DeadLetterMessageCount, counts.ScheduledMessageCount);
    }
}
