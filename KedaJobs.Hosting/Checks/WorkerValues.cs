using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// A worker's environment and arguments as the callbacks of the model leave them: objects that refer to resources, not texts.
/// </summary>
internal sealed record WorkerValues(IReadOnlyDictionary<string, object> Environment, IReadOnlyList<object> Arguments)
{
    public static WorkerValues None { get; } = new(new Dictionary<string, object>(), []);

    /// <summary>
    /// Gathers them as a publisher does. Only for publish mode: in run mode callbacks may wait for resources that are not started yet.
    /// </summary>
    public static async Task<WorkerValues> GatherAsync(
        IResource worker, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var environment = new EnvironmentCallbackContext(executionContext, worker, cancellationToken: cancellationToken);
        foreach (var annotation in worker.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(environment).ConfigureAwait(false);
        }

        var arguments = new CommandLineArgsCallbackContext([], worker, cancellationToken) { ExecutionContext = executionContext };
        foreach (var annotation in worker.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(arguments).ConfigureAwait(false);
        }

        return new(environment.EnvironmentVariables, [.. arguments.Args]);
    }
}
