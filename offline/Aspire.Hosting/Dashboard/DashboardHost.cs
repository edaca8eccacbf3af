using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>Runs the resource service and the dashboard beside the application, from before the first resource starts until the last has stopped.</summary>
internal sealed class DashboardHost(
    DashboardSettings settings,
    DashboardResource resource,
    ResourceFeed feed,
    ResourceServiceHost service,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    TimeProvider time,
    ILogger<DistributedApplication> logger) : IHostedService, IAsyncDisposable, IDisposable
{
    // A dashboard that lived this long did start well; one that did not, so many times in a row, is given up.
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(30);
    private const int MaxBadRuns = 5;

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(settings.HomePath);
        var serviceUrl = await service.StartAsync(settings, cancellationToken);
        await PublishAsync(KnownResourceStates.Starting);
        _running = Task.WhenAll(WatchAsync(), SuperviseAsync(serviceUrl));
    }

    /// <summary>Ends the dashboard before the resource service: it does not always survive the loss of that.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running;
        await service.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task WatchAsync()
    {
        try
        {
            await feed.RunAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private async Task SuperviseAsync(string serviceUrl)
    {
        var environment = settings.Environment(serviceUrl, System.Environment.ProcessId);
        var badRuns = 0;
        var loginShown = false;
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                await using var process = DashboardProcess.Start(settings.ExecutablePath, environment, Log, time);
                var exit = process.Completion.WaitAsync(_stop.Token);
                if (await Task.WhenAny(process.Ready, exit) == process.Ready)
                {
                    var url = await process.Ready;
                    await PublishAsync(KnownResourceStates.Running, await process.Id, url);
                    if (!loginShown)
                    {
                        loginShown = true;
                        ShowLogin(url);
                    }
                }

                var code = await exit;
                await PublishAsync(KnownResourceStates.Exited, exitCode: code);
                badRuns = time.GetElapsedTime(started) < GoodRun ? badRuns + 1 : 0;
                if (code == DashboardProcess.BadConfiguration || badRuns > MaxBadRuns)
                {
                    logger.LogError(
                        "The dashboard ends with exit code {ExitCode} and is given up; the application goes on without it. Its last lines:\n{Lines}",
                        code, process.LastLines);
                    return;
                }

                if (code == DashboardProcess.AddressInUse && BusyPorts.Find(settings with { ResourceServiceUrl = null }) is var (setting, busy))
                {
                    logger.LogError("{Problem}", BusyPorts.Explain(setting, busy));
                }

                logger.LogWarning("The dashboard ended unexpectedly (exit code {ExitCode}) and is started again.", code);
                await Task.Delay(TimeSpan.FromSeconds(Math.Max(1, badRuns)), time, _stop.Token);
                await PublishAsync(KnownResourceStates.Starting);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            logger.LogError(e, "The dashboard could not be started; the application goes on without it.");
        }
    }

    private void ShowLogin(string url)
    {
        logger.LogInformation("Now listening on: {DashboardUrl}", url);
        var login = settings.BrowserToken is { } token ? $"{url}/login?t={token}" : null;
        if (login is not null)
        {
            logger.LogInformation("Login to the dashboard at {DashboardLoginUrl}", login);
        }
    }

    private void Log(string line, bool isError)
    {
        var level = isError ? LogLevel.Error : LogLevel.Information;
        logs.GetLogger(resource).Log(level, "{Line}", line);
    }

    private Task PublishAsync(string state, int? processId = null, string? url = null, int? exitCode = null)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return notifications.PublishUpdateAsync(resource, s => s with
        {
            State = state,
            CreationTimeStamp = s.CreationTimeStamp ?? now,
            StartTimeStamp = state == KnownResourceStates.Running ? now : s.StartTimeStamp,
            StopTimeStamp = state == KnownResourceStates.Exited ? now : null,
            ExitCode = exitCode,
            Urls = url is null ? [] : [new UrlSnapshot("http", url, IsInternal: false)],
            Properties = processId is null ? [] : [new ResourcePropertySnapshot("executable.pid", processId)],
        });
    }
}
