using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Projects;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>One replica: at most one process at a time, shown as one row.</summary>
internal sealed class ProcessRow(SupervisedResource owner, ResourceInstance instance, Supervision supervision) : IDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    private GuardedProcess? _process;
    private Task _ended = Task.CompletedTask;

    public ResourceInstance Instance { get; } = instance;

    public bool IsRunning => !_ended.IsCompleted;

    public async Task LaunchAsync(ProcessPlan plan)
    {
        foreach (var endpoint in owner.Endpoints)
        {
            endpoint.Open(Instance.Index);
        }

        var start = plan.For(Instance, owner.Resource.Name, owner.Endpoints);
        var log = supervision.Loggers.Log(Instance.Name);
        var process = GuardedProcess.Start(start, (line, isError) => log.Write(line, isError), supervision.Time);
        _process = process;
        var id = await process.Id.ConfigureAwait(false);
        await PublishAsync(s => s with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = supervision.Now,
            EnvironmentVariables = Variables(plan, start),
            Properties = Properties(s.Properties, plan, start, id),
            Urls = owner.Urls.Activated(active: true),
        }).ConfigureAwait(false);
        _ended = WatchAsync(process);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_process is { } process && IsRunning)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Stopping }).ConfigureAwait(false);
            await process.StopAsync(StopGrace, cancellationToken).ConfigureAwait(false);
            await _ended.ConfigureAwait(false);
        }
    }

    public void Dispose() => _process?.Dispose();

    private async Task WatchAsync(GuardedProcess process)
    {
        var exitCode = await process.Completion.ConfigureAwait(false);
        await PublishAsync(s => s with
        {
            State = KnownResourceStates.Finished,
            ExitCode = exitCode,
            StopTimeStamp = supervision.Now,
            Properties = s.Properties.SetProperty(KnownProperties.ExitCode, exitCode),
            Urls = owner.Urls.Activated(active: false),
        }).ConfigureAwait(false);
        process.Dispose();
        if (supervision.Notifications.TryGetCurrentState(Instance.Name, out var last))
        {
            // A handler may wait for this very resource to be started again: nobody waits for it here.
            _ = RaiseStoppedAsync(last);
        }
    }

    private async Task RaiseStoppedAsync(ResourceEvent last)
    {
        try
        {
            await supervision.Eventing.PublishAsync(new ResourceStoppedEvent(owner.Resource, supervision.Services, last), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            supervision.Log.LogError(exception, "A handler of the stop of '{Resource}' failed.", owner.Resource.Name);
        }
    }

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        supervision.Notifications.PublishUpdateAsync(owner.Resource, Instance.Name, change);

    private static ImmutableArray<EnvironmentVariableSnapshot> Variables(ProcessPlan plan, ProcessStart start)
    {
        var ours = plan.Environment.Select(v => v.Key).ToHashSet();
        return [.. start.Environment.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new EnvironmentVariableSnapshot(v.Key, v.Value, IsFromSpec: ours.Contains(v.Key)))];
    }

    private ImmutableArray<ResourcePropertySnapshot> Properties(ImmutableArray<ResourcePropertySnapshot> properties, ProcessPlan plan, ProcessStart start, int? processId)
    {
        var isSensitive = plan.Arguments.Any(a => a.IsSensitive);
        properties = properties
            .SetProperty(KnownProperties.ExecutablePath, start.FileName)
            .SetProperty(KnownProperties.ExecutableWorkDir, start.WorkingDirectory)
            .SetProperty(KnownProperties.ExecutableArgs, start.Arguments.ToImmutableArray(), isSensitive)
            .SetProperty(KnownProperties.ExecutablePid, processId)
            .SetProperty(KnownProperties.AppArgs, start.Arguments.Skip(plan.ProgramArguments.Count).ToImmutableArray(), isSensitive)
            .RemoveProperty(KnownProperties.ExitCode);
        return owner.Resource is ProjectResource project
            ? properties.SetProperty(KnownProperties.ProjectPath, project.GetProjectMetadata().ProjectPath)
                .SetProperty(KnownProperties.ProjectLaunchProfile, project.EffectiveLaunchProfile()?.Name)
            : properties;
    }
}
