using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>The application as the entry point sees it: started, stopped and disposed of by the test.</summary>
internal sealed class EntryPointApplication(DistributedApplication application, Task started, CancellationToken abandoned)
    : DistributedApplication(application)
{
    private readonly IHostApplicationLifetime _lifetime = application.Services.GetRequiredService<IHostApplicationLifetime>();

    public override Task StartAsync(CancellationToken cancellationToken = default) => WaitAsync(started, cancellationToken);

    public override async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken);
        await StoppedAsync(cancellationToken);
    }

    /// <summary>Asks for the stop; the test does it.</summary>
    public override Task StopAsync(CancellationToken cancellationToken = default)
    {
        _lifetime.StopApplication();
        return StoppedAsync(cancellationToken);
    }

    public override void Dispose()
    {
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task StoppedAsync(CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = _lifetime.ApplicationStopped.Register(stopped.SetResult);
        await WaitAsync(stopped.Task, cancellationToken);
    }

    private async Task WaitAsync(Task task, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, abandoned);
        await task.WaitAsync(end.Token);
    }
}

/// <summary>The application as the test sees it.</summary>
internal sealed class TestedApplication(DistributedApplication application, EntryPointRun run) : DistributedApplication(application)
{
    private readonly IHostApplicationLifetime _lifetime = application.Services.GetRequiredService<IHostApplicationLifetime>();
    private bool _running;
    private bool _disposed;

    public override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _running = true;
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception e)
        {
            run.Started(e);
            throw;
        }

        run.Started();
    }

    public override async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken);
        await this.WaitForShutdownAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_running)
        {
            _running = false;
            await application.StopAsync(cancellationToken);
        }
    }

    public override void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _lifetime.StopApplication();
        await StopAsync();
        await run.DisposeAsync();
        await application.DisposeAsync();
    }
}
