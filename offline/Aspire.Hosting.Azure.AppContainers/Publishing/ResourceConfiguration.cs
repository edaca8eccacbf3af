using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>
/// Environment and arguments of a resource as its callbacks leave them: objects, not texts. A text would be the value on this machine;
/// Bicep wants to know what the value refers to.
/// </summary>
internal sealed record ResourceConfiguration(IReadOnlyDictionary<string, object> Environment, IReadOnlyList<object> Arguments)
{
    public static async Task<ResourceConfiguration> GatherAsync(
        IResource resource, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var environment = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(environment).ConfigureAwait(false);
        }

        var arguments = new List<object>();
        var context = new CommandLineArgsCallbackContext(arguments, resource, cancellationToken) { ExecutionContext = executionContext };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }

        return new ResourceConfiguration(environment.EnvironmentVariables, arguments);
    }
}
