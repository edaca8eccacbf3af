using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>
/// Takes away Aspire's own commands of the worker. They act on a process that its orchestrator runs, which a job does not have: start would
/// run the worker once, regardless of the rules.
/// </summary>
internal static class BuiltInCommandRemoval
{
    private static readonly HashSet<string> Names =
    [
        KnownResourceCommands.StartCommand,
        KnownResourceCommands.StopCommand,
        KnownResourceCommands.RestartCommand,
        KnownResourceCommands.RebuildCommand,
    ];

    /// <summary>
    /// To be called when the worker is initialized: earlier they are not there, and a published command stays in the snapshot.
    /// </summary>
    public static Task RemoveAsync(IResource worker, ResourceNotificationService notifications)
    {
        foreach (var command in worker.Annotations.OfType<ResourceCommandAnnotation>().Where(command => Names.Contains(command.Name))
            .ToList())
        {
            worker.Annotations.Remove(command);
        }

        return notifications.PublishUpdateAsync(
            worker, snapshot => snapshot with { Commands = snapshot.Commands.RemoveAll(command => Names.Contains(command.Name)) });
    }
}
