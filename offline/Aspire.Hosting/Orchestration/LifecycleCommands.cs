using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Projects;

namespace Aspire.Hosting.Orchestration;

/// <summary>The commands that every process has: start, stop, restart, and rebuild for projects.</summary>
internal static class LifecycleCommands
{
    public static void Add(SupervisedResource supervised, ApplicationOrchestrator orchestrator)
    {
        var annotations = supervised.Resource.Annotations;
        annotations.Add(Command(KnownResourceCommands.StartCommand, "Start", "Start the resource.", "Play", IconVariant.Filled, highlighted: true, StartState,
            context => orchestrator.StartAsync(supervised, context.ResourceName, context.CancellationToken)));
        annotations.Add(Command(KnownResourceCommands.StopCommand, "Stop", "Stop the resource.", "Stop", IconVariant.Filled, highlighted: true, StopState,
            context => supervised.StopAsync(Rows(supervised, context), context.CancellationToken)));
        annotations.Add(Command(KnownResourceCommands.RestartCommand, "Restart", "Stop the resource and start it again.", "ArrowCounterclockwise", IconVariant.Regular,
            highlighted: false, RestartState, async context =>
            {
                await supervised.StopAsync(Rows(supervised, context), context.CancellationToken).ConfigureAwait(false);
                await supervised.StartAsync(Rows(supervised, context), context.CancellationToken).ConfigureAwait(false);
            }));
        if (supervised.Resource is ProjectResource project)
        {
            annotations.Add(Command(KnownResourceCommands.RebuildCommand, "Rebuild", "Stop the project, build it and start it again.", "ArrowSync", IconVariant.Regular,
                highlighted: false, RebuildState, context => Rebuild.RunAsync(supervised, project, orchestrator, context.CancellationToken)));
        }
    }

    private static IReadOnlyList<ProcessRow> Rows(SupervisedResource supervised, ExecuteCommandContext context) =>
        [.. supervised.Rows.Where(r => r.Instance.Name == context.ResourceName)];

    private static ResourceCommandAnnotation Command(string name, string displayName, string description, string icon, IconVariant variant, bool highlighted,
        Func<string?, ResourceCommandState> state, Func<ExecuteCommandContext, Task> action) => new(name, displayName,
            context => state(context.ResourceSnapshot.State?.Text),
            async context =>
            {
                await action(context).ConfigureAwait(false);
                return CommandResults.Success();
            }, description, arguments: null, confirmationMessage: null, icon, variant, highlighted);

    private static ResourceCommandState StartState(string? state) =>
        IsStopped(state) || state == KnownResourceStates.Waiting ? ResourceCommandState.Enabled
        : IsOnTheWay(state) ? ResourceCommandState.Disabled
        : ResourceCommandState.Hidden;

    private static ResourceCommandState StopState(string? state) =>
        state == KnownResourceStates.Stopping ? ResourceCommandState.Disabled
        : IsStopped(state) || IsOnTheWay(state) || state == KnownResourceStates.Waiting ? ResourceCommandState.Hidden
        : ResourceCommandState.Enabled;

    private static ResourceCommandState RestartState(string? state) =>
        IsStopped(state) || IsOnTheWay(state) || state == KnownResourceStates.Waiting || state == KnownResourceStates.Stopping
            ? ResourceCommandState.Disabled
            : ResourceCommandState.Enabled;

    private static ResourceCommandState RebuildState(string? state) =>
        IsOnTheWay(state) || state == KnownResourceStates.Stopping ? ResourceCommandState.Disabled : ResourceCommandState.Enabled;

    private static bool IsStopped(string? state) => KnownResourceStates.IsTerminal(state) || state == KnownResourceStates.NotStarted || state == "Unknown";

    private static bool IsOnTheWay(string? state) => state is null || state == KnownResourceStates.Starting || state == KnownResourceStates.Building
        || state == KnownResourceStates.RuntimeUnhealthy;
}
