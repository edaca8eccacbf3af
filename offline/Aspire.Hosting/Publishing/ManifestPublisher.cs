using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Publishing;

internal sealed class ManifestPublisher(IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        lifetime.StopApplication();
        return Task.CompletedTask;
    }
}
