using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

public interface IExecutionConfigurationData;

public interface IExecutionConfigurationGathererContext
{
    List<object> Arguments { get; }

    Dictionary<string, object> EnvironmentVariables { get; }

    void AddAdditionalData(IExecutionConfigurationData metadata);
}

public interface IExecutionConfigurationGatherer
{
    ValueTask GatherAsync(IExecutionConfigurationGathererContext context, IResource resource, ILogger resourceLogger,
        DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken = default);
}

public interface IExecutionConfigurationBuilder
{
    IExecutionConfigurationBuilder AddExecutionConfigurationGatherer(IExecutionConfigurationGatherer gatherer);

    Task<IExecutionConfigurationResult> BuildAsync(DistributedApplicationExecutionContext executionContext, ILogger? resourceLogger = null,
        CancellationToken cancellationToken = default);
}

/// <summary>What a resource's process would be started with. A value that fails to resolve is collected, not thrown.</summary>
public interface IExecutionConfigurationResult
{
    IEnumerable<object> References { get; }

    IEnumerable<(object Unprocessed, string Processed, bool IsSensitive)> ArgumentsWithUnprocessed { get; }

    IEnumerable<(string Value, bool IsSensitive)> Arguments { get; }

    IEnumerable<KeyValuePair<string, (object Unprocessed, string Processed)>> EnvironmentVariablesWithUnprocessed { get; }

    IEnumerable<KeyValuePair<string, string>> EnvironmentVariables { get; }

    IEnumerable<IExecutionConfigurationData> AdditionalConfigurationData { get; }

    Exception? Exception { get; }
}

public sealed class ExecutionConfigurationBuilder : IExecutionConfigurationBuilder
{
    private readonly IResource _resource;
    private readonly List<IExecutionConfigurationGatherer> _gatherers = [];

    private ExecutionConfigurationBuilder(IResource resource) => _resource = resource;

    public static IExecutionConfigurationBuilder Create(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ExecutionConfigurationBuilder(resource);
    }

    public IExecutionConfigurationBuilder AddExecutionConfigurationGatherer(IExecutionConfigurationGatherer gatherer)
    {
        ArgumentNullException.ThrowIfNull(gatherer);
        if (!_gatherers.Any(g => g.GetType() == gatherer.GetType()))
        {
            _gatherers.Add(gatherer);
        }

        return this;
    }

    public async Task<IExecutionConfigurationResult> BuildAsync(DistributedApplicationExecutionContext executionContext, ILogger? resourceLogger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(executionContext);
        var logger = resourceLogger ?? NullLogger.Instance;
        var gathered = new GathererContext();
        foreach (var gatherer in _gatherers)
        {
            await gatherer.GatherAsync(gathered, _resource, logger, executionContext, cancellationToken).ConfigureAwait(false);
        }

        return await new ExecutionConfigurationResolver(_resource, executionContext, logger).ResolveAsync(gathered, cancellationToken).ConfigureAwait(false);
    }

    internal sealed class GathererContext : IExecutionConfigurationGathererContext
    {
        public List<object> Arguments { get; } = [];

        public Dictionary<string, object> EnvironmentVariables { get; } = [];

        public List<IExecutionConfigurationData> AdditionalData { get; } = [];

        public void AddAdditionalData(IExecutionConfigurationData metadata) => AdditionalData.Add(metadata);
    }
}

public static class ExecutionConfigurationBuilderExtensions
{
    public static IExecutionConfigurationBuilder WithArgumentsConfig(this IExecutionConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddExecutionConfigurationGatherer(new ArgumentsGatherer());
    }

    public static IExecutionConfigurationBuilder WithEnvironmentVariablesConfig(this IExecutionConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddExecutionConfigurationGatherer(new EnvironmentGatherer());
    }

    private sealed class ArgumentsGatherer : IExecutionConfigurationGatherer
    {
        public async ValueTask GatherAsync(IExecutionConfigurationGathererContext context, IResource resource, ILogger resourceLogger,
            DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken = default)
        {
            var callbackContext = new CommandLineArgsCallbackContext(context.Arguments, resource, cancellationToken)
            {
                ExecutionContext = executionContext,
                Logger = resourceLogger,
            };
            foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
            {
                await annotation.Callback(callbackContext).ConfigureAwait(false);
            }
        }
    }

    private sealed class EnvironmentGatherer : IExecutionConfigurationGatherer
    {
        public async ValueTask GatherAsync(IExecutionConfigurationGathererContext context, IResource resource, ILogger resourceLogger,
            DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken = default)
        {
            var callbackContext = new EnvironmentCallbackContext(executionContext, resource, context.EnvironmentVariables, cancellationToken) { Logger = resourceLogger };
            foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
            {
                await annotation.Callback(callbackContext).ConfigureAwait(false);
            }
        }
    }
}
