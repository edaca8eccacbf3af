using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

internal sealed class OrchestratorService : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
