using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>What a worker's environment says that holds before any deployment.</summary>
/// <param name="Fixed">Variables whose values the declaration writes out. Parameters, secret or not, and references to other resources are none.</param>
/// <param name="Connections">The resources that connection strings refer to, with the names that the worker knows them by.</param>
internal sealed record WorkerEnvironment(
    IReadOnlyDictionary<string, string> Fixed, IReadOnlyList<(string ConnectionName, IResource Resource)> Connections)
{
    private const string ConnectionPrefix = "ConnectionStrings__";

    /// <summary>Gathers the environment as the publisher does.</summary>
    /// <exception cref="InvalidOperationException">A callback of it failed.</exception>
    public static async Task<WorkerEnvironment> OfAsync(
        IResource worker, DistributedApplicationExecutionContext executionContext, ILogger logger, CancellationToken cancellationToken)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(worker)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(executionContext, logger, cancellationToken).ConfigureAwait(false);
        if (configuration.Exception is { } exception)
        {
            throw new InvalidOperationException($"The environment of '{worker.Name}' cannot be evaluated: {exception.Message}", exception);
        }

        return Of(configuration.EnvironmentVariablesWithUnprocessed.Select(variable => KeyValuePair.Create(variable.Key, variable.Value.Unprocessed)));
    }

    /// <summary>Sorts variables by what their values are in the model.</summary>
    public static WorkerEnvironment Of(IEnumerable<KeyValuePair<string, object>> variables)
    {
        var values = new Dictionary<string, string>();
        var connections = new List<(string, IResource)>();
        foreach (var (name, value) in variables)
        {
            if (value is ConnectionStringReference reference && name.StartsWith(ConnectionPrefix, StringComparison.Ordinal))
            {
                connections.Add((name[ConnectionPrefix.Length..], reference.Resource));
            }
            else if (Text(value) is { } text)
            {
                values.Add(name, text);
            }
        }

        return new(values, connections);
    }

    // What is neither text nor an expression is refused where the job's module is written.
    private static string? Text(object value) => value switch
    {
        string text => text,

        // Names of entities, for instance, come as expressions without any hole.
        ReferenceExpression { ValueProviders.Count: 0 } expression => expression.ValueExpression,
        _ => null,
    };
}
