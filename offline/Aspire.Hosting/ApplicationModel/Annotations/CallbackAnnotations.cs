using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

public class EnvironmentCallbackAnnotation : IResourceAnnotation
{
    public EnvironmentCallbackAnnotation(string name, Func<string> callback)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            context.EnvironmentVariables[name] = callback();
            return Task.CompletedTask;
        };
    }

    public EnvironmentCallbackAnnotation(Action<Dictionary<string, object>> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            callback(context.EnvironmentVariables);
            return Task.CompletedTask;
        };
    }

    public EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            callback(context);
            return Task.CompletedTask;
        };
    }

    public EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    public Func<EnvironmentCallbackContext, Task> Callback { get; }
}

/// <summary>The variables as objects: a value may still be an expression that is evaluated after the last callback has run.</summary>
public class EnvironmentCallbackContext
{
    private readonly IResource? _resource;

    public EnvironmentCallbackContext(DistributedApplicationExecutionContext executionContext, Dictionary<string, object>? environmentVariables = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(executionContext);
        ExecutionContext = executionContext;
        EnvironmentVariables = environmentVariables ?? [];
        CancellationToken = cancellationToken;
    }

    public EnvironmentCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource,
        Dictionary<string, object>? environmentVariables = null, CancellationToken cancellationToken = default)
        : this(executionContext, environmentVariables, cancellationToken) => _resource = resource;

    public Dictionary<string, object> EnvironmentVariables { get; }

    public CancellationToken CancellationToken { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public IResource Resource => _resource ?? throw new InvalidOperationException("No resource is associated with this callback context.");
}

public class CommandLineArgsCallbackAnnotation : IResourceAnnotation
{
    public CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    public CommandLineArgsCallbackAnnotation(Action<IList<object>> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            callback(context.Args);
            return Task.CompletedTask;
        };
    }

    public Func<CommandLineArgsCallbackContext, Task> Callback { get; }
}

public sealed class CommandLineArgsCallbackContext
{
    private readonly IResource? _resource;

    public CommandLineArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        Args = args;
        CancellationToken = cancellationToken;
    }

    public CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken = default)
        : this(args, cancellationToken) => _resource = resource;

    public IList<object> Args { get; }

    public CancellationToken CancellationToken { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; init; } = new(DistributedApplicationOperation.Run);

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public IResource Resource => _resource ?? throw new InvalidOperationException("No resource is associated with this callback context.");
}

public class ManifestPublishingCallbackAnnotation : IResourceAnnotation
{
    public ManifestPublishingCallbackAnnotation(Action<ManifestPublishingContext>? callback)
    {
        if (callback is not null)
        {
            Callback = context =>
            {
                callback(context);
                return Task.CompletedTask;
            };
        }
    }

    public ManifestPublishingCallbackAnnotation(Func<ManifestPublishingContext, Task>? callback) => Callback = callback;

    /// <summary>Leaves the resource out of the manifest.</summary>
    public static ManifestPublishingCallbackAnnotation Ignore { get; } = new((Func<ManifestPublishingContext, Task>?)null);

    public Func<ManifestPublishingContext, Task>? Callback { get; }
}
