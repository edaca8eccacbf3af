using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs commands by name. It does not look at a command's state: whoever must refuse does so in the handler.</summary>
public class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;

    internal ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService loggers, IServiceProvider services)
    {
        _notifications = notifications;
        _loggers = loggers;
        _services = services;
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resourceId, commandName, InteractionInputCollection.Empty, cancellationToken);

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, InteractionInputCollection arguments,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resourceId);
        ArgumentNullException.ThrowIfNull(commandName);
        return _notifications.TryGetCurrentState(resourceId, out var row)
            ? await ExecuteAsync(row.Resource, row.ResourceId, commandName, arguments, cancellationToken).ConfigureAwait(false)
            : CommandResults.Failure($"Resource '{resourceId}' not found.");
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource, commandName, InteractionInputCollection.Empty, cancellationToken);

    /// <summary>Runs the command on every row of the resource; the first failure is the answer.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, InteractionInputCollection arguments,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(commandName);
        var results = await Task.WhenAll(resource.GetResolvedResourceNames()
            .Select(id => ExecuteAsync(resource, id, commandName, arguments, cancellationToken))).ConfigureAwait(false);
        return results.FirstOrDefault(r => !r.Success) ?? results[0];
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(IResource resource, string resourceId, string commandName, InteractionInputCollection arguments,
        CancellationToken cancellationToken)
    {
        var logger = _loggers.GetLogger(resourceId);
        if (resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(c => c.Name == commandName) is not { } command)
        {
            logger.LogInformation("Command '{CommandName}' not available.", commandName);
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{resourceId}'.");
        }

        logger.LogInformation("Executing command '{CommandName}'.", commandName);
        try
        {
            var result = await command.ExecuteCommand(new ExecuteCommandContext
            {
                ServiceProvider = _services,
                ResourceName = resourceId,
                CancellationToken = cancellationToken,
                Logger = logger,
                Arguments = arguments,
            }).ConfigureAwait(false);
            logger.Log(result.Success ? LogLevel.Information : LogLevel.Error, "{Outcome} command '{CommandName}'.{Message}",
                result.Success ? "Successfully executed" : result.Canceled ? "Canceled" : "Failure executing", commandName,
                result is { Success: false, Message: { Length: > 0 } message } ? " " + message : "");
            return result;
        }
        catch (OperationCanceledException)
        {
            logger.LogInformation("Command '{CommandName}' was canceled.", commandName);
            return CommandResults.Canceled();
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "Error executing command '{CommandName}'.", commandName);
            return CommandResults.Failure($"Unhandled exception thrown while executing command '{commandName}': {exception.Message}");
        }
    }
}
