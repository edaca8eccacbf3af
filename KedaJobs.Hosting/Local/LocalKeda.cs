using System.Collections.Concurrent;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Local.Dashboard;
using KedaJobs.Hosting.Local.Executions;
using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Hosting.Local.Programs;
using KedaJobs.Hosting.Publishing;
using KedaJobs.Scaling.Rules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local;

/// <summary>Runs the jobs of an application on this machine.</summary>
/// <remarks>
/// A job begins when its worker is initialized, which happens in run mode only. It ends in StopAsync, while the
/// broker and the dashboard are still there.
/// </remarks>
internal sealed class LocalKeda : IHostedService, IDisposable
{
    /// <summary>The dashboard's resource. If it is missing, there is no receiver for telemetry.</summary>
    private const string DashboardName = "aspire-dashboard";

    private readonly IServiceProvider _services;
    private readonly LocalSettings _settings;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, (LocalJob Job, EventJobAnnotation Declaration)> _jobs;
    private readonly ConcurrentBag<Task> _loops = [];
    private readonly ConcurrentBag<Task> _publishers = [];
    private bool _isDisposed;

    public LocalKeda(IServiceProvider services, DistributedApplicationModel model, LocalSettings settings)
    {
        _services = services;
        _settings = settings;
        _jobs = model.Resources
            .SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>())
            .ToDictionary(job => job.Worker.Name, job => (Create(job), job), StringComparer.OrdinalIgnoreCase);
    }

    public LocalJob? FindLocal(string name) => _jobs.GetValueOrDefault(name).Job;

    public RunningJob? Find(string name) => FindLocal(name) is { } job ? new(job) : null;

    /// <summary>Begins to show the job, and to poll for it as soon as its triggers are there.</summary>
    public void Begin(string name)
    {
        var (job, declaration) = _jobs[name];
        var notifications = _services.GetRequiredService<ResourceNotificationService>();
        var log = _services.GetRequiredService<ResourceLoggerService>().GetLogger(declaration.Worker);
        foreach (var warning in declaration.Warnings)
        {
            Log.DeclarationIsDoubtful(log, warning.Code.Id, warning.Resource, warning.Problem, warning.Cure);
        }

        job.SetStatus(JobStatus.Waiting);
        _publishers.Add(new JobPublisher(job, declaration, notifications).RunAsync());
        _loops.Add(RunAsync(job, declaration, notifications));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(false);
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        grace.CancelAfter(_settings.ShutdownGrace);
        await Task.WhenAll(_jobs.Values.Select(job => job.Job.ShutDownAsync(grace.Token))).ConfigureAwait(false);
        await Task.WhenAll(_publishers).ConfigureAwait(false);
    }

    public void Dispose()
    {
        // The container has this object under two services, and disposes of it for each.
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;

        // An application whose start failed is disposed of without having been stopped.
        _stopping.Cancel();
        _stopping.Dispose();
        foreach (var (job, _) in _jobs.Values)
        {
            job.Dispose();
        }
    }

    private LocalJob Create(EventJobAnnotation declaration)
    {
        var worker = declaration.Worker;
        var loggers = _services.GetRequiredService<ResourceLoggerService>();
        var timeProvider = _services.GetRequiredService<TimeProvider>();
        var workerLog = loggers.GetLogger(worker);
        var slots = declaration.Slots.ToDictionary(slot => slot.Name);
        return new(new()
        {
            Name = worker.Name,
            JobName = declaration.JobName,
            Options = declaration.Options,
            PollingInterval = _settings.PollingIntervalOf(declaration.Options),
            Slots = declaration.Slots.ToDictionary(slot => slot.Name, slot => slot.ServiceInstance),
            Templates = new WorkerTemplateSource(
                worker,
                Locator(worker),
                _services.GetRequiredService<DistributedApplicationExecutionContext>(),
                workerLog,
                HasDashboard),
            Starter = new GuardedStarter(timeProvider),
            OpenSlotLog = slot => loggers.GetLogger(slots[slot]),
            Log = new(worker.Name, workerLog, _services.GetRequiredService<ILoggerFactory>().CreateLogger("KedaJobs.Hosting")),
            Kind = declaration.Kind,
            Schedule = declaration.Schedule,
            TimeProvider = timeProvider,
            ScheduleClock = _services.GetRequiredService<ScheduleClock>().TimeProvider,
            Random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue)),
            Metrics = _services.GetRequiredService<ScalingMetrics>(),
        });
    }

    private IWorkerProgramLocator Locator(IComputeResource worker) => worker switch
    {
        ProjectResource project => new WorkerProgramLocator(
            project.GetProjectMetadata().ProjectPath, _services.GetRequiredService<AppHostAssembly>().Assembly),
        ExecutableResource executable => new ExecutableLocator(executable),
        ContainerResource container => new ContainerRuntime(
            container, _settings.ContainerRuntime, _services.GetRequiredService<AppHostAssembly>().Directory, Image(container)),
        _ => new NoProgram($"'{worker.Name}' is a {worker.GetType().Name}: such resources cannot be run on this machine, only published."),
    };

    private DockerfileImage? Image(ContainerResource worker) =>
        worker.Annotations.OfType<DockerfileBuildAnnotation>().LastOrDefault() is { } dockerfile
            ? new(
                worker,
                dockerfile,
                _services,
                new GuardedStarter(_services.GetRequiredService<TimeProvider>()),
                _services.GetRequiredService<TimeProvider>(),
                _services.GetRequiredService<ResourceLoggerService>().GetLogger(worker),
                _stopping.Token)
            : null;

    // Asked late: the host adds the dashboard to the model after jobs can have been looked up.
    private bool HasDashboard() =>
        _services.GetRequiredService<DistributedApplicationModel>().Resources.Any(resource => resource.Name == DashboardName);

    private JobTrigger? CronRule(ScaleRuleAnnotation rule) =>
        rule.Type == CronTrigger.Type && CronTrigger.Parse(rule.Metadata).Trigger is { } cron
            ? new(rule.Name, 1, 0, new CronReader(cron, _services.GetRequiredService<ScheduleClock>().TimeProvider)) { HasMessages = false }
            : null;

    private async Task RunAsync(LocalJob job, EventJobAnnotation declaration, ResourceNotificationService notifications)
    {
        var worker = declaration.Worker;
        var cancellationToken = _stopping.Token;
        var triggers = new List<JobTrigger>();
        try
        {
            await notifications.WaitForDependenciesAsync(worker, cancellationToken).ConfigureAwait(false);
            await job.PrepareAsync(cancellationToken).ConfigureAwait(false);
            if (declaration.Kind != JobKind.Event)
            {
                await job.RunUnscaledAsync(cancellationToken).ConfigureAwait(false);
                return;
            }

            foreach (var trigger in declaration.Triggers)
            {
                await notifications.WaitForResourceHealthyAsync(trigger.Entity.Resource.Name, cancellationToken).ConfigureAwait(false);
                var address = await EntityAddress.OfAsync(trigger.Entity, cancellationToken).ConfigureAwait(false);
                triggers.Add(new(
                    trigger.Entity.Path,
                    trigger.MessageCount ?? job.Options.MessageCount,
                    trigger.ActivationMessageCount ?? job.Options.ActivationMessageCount,
                    new ServiceBusEntityReader(trigger.Entity, address)));
                Log.Polling(
                    _services.GetRequiredService<ResourceLoggerService>().GetLogger(worker),
                    trigger.Entity.Path,
                    job.PollingInterval.TotalSeconds,
                    job.Options.PollingInterval.TotalSeconds);
            }

            triggers.AddRange(PublishedAccess.FurtherRules(declaration).Select(CronRule).OfType<JobTrigger>());
            await job.RunAsync(triggers, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or ObjectDisposedException)
        {
            // The AppHost stops, or has been disposed of without being stopped.
        }
        catch (Exception exception)
        {
            // This task is not awaited before the AppHost stops, so any error must be shown on the resource now.
            job.Fail(
                $"'{worker.Name}' cannot be {(declaration.Kind == JobKind.Event ? "scaled" : "started")}: "
                + $"{exception.Message} Fix the cause, then restart the AppHost.");
        }
        finally
        {
            foreach (var trigger in triggers)
            {
                await trigger.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
