using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Broker;
using KedaJobs.Scaling.Definitions;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>What a worker is started with, as far as it holds before any deployment.</summary>
internal sealed record WorkerEnvironment
{
    private const string ConnectionPrefix = "ConnectionStrings__";

    /// <summary>Variables in order. References to other resources and parameters are named.</summary>
    public IReadOnlyDictionary<string, DefinedText> Variables { get; private init; } = new Dictionary<string, DefinedText>();

    /// <summary>
    /// The Service Bus entities and namespaces that connection strings refer to, with the names that the worker knows them by.
    /// </summary>
    public IReadOnlyList<(string ConnectionName, IResource Resource)> Connections { get; private init; } = [];

    public IReadOnlyList<DefinedText> Arguments { get; private init; } = [];

    /// <summary>What cannot be written as text with named references, a sentence each.</summary>
    public IReadOnlyList<string> Omitted { get; private init; } = [];

    /// <summary>Gathers environment and arguments as the publisher does.</summary>
    /// <exception cref="InvalidOperationException">A callback of them failed.</exception>
    public static async Task<WorkerEnvironment> OfAsync(
        IResource worker, DistributedApplicationExecutionContext executionContext, ILogger logger, CancellationToken cancellationToken)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(worker)
            .WithArgumentsConfig()
            .WithEnvironmentVariablesConfig()
            .BuildAsync(executionContext, logger, cancellationToken).ConfigureAwait(false);
        if (configuration.Exception is { } exception)
        {
            throw new InvalidOperationException($"The environment of '{worker.Name}' cannot be evaluated: {exception.Message}", exception);
        }

        return Of(
            configuration.EnvironmentVariablesWithUnprocessed.Select(
                variable => KeyValuePair.Create(variable.Key, variable.Value.Unprocessed)),
            configuration.ArgumentsWithUnprocessed.Select(argument => argument.Unprocessed));
    }

    private static WorkerEnvironment Of(IEnumerable<KeyValuePair<string, object>> variables, IEnumerable<object> arguments)
    {
        var values = new Dictionary<string, DefinedText>();
        var connections = new List<(string, IResource)>();
        var omitted = new List<string>();
        foreach (var (name, value) in variables)
        {
            if (value is ConnectionStringReference reference
                && NamespaceEntities.NamespaceOf(reference.Resource) is not null
                && name.StartsWith(ConnectionPrefix, StringComparison.Ordinal))
            {
                connections.Add((name[ConnectionPrefix.Length..], reference.Resource));
            }
            else if (DefinedTexts.Of(value) is { } text)
            {
                values.Add(name, text);
            }
            else
            {
                omitted.Add($"the environment variable {name}, whose value depends on a condition or is formatted.");
            }
        }

        var texts = new List<DefinedText>();
        foreach (var (index, value) in arguments.Index())
        {
            if (DefinedTexts.Of(value) is { } text)
            {
                texts.Add(text);
            }
            else
            {
                // The arguments after it keep their places: a gap would give them another meaning.
                texts.Add("");
                omitted.Add($"argument {index + 1}, whose value depends on a condition or is formatted: it is empty here.");
            }
        }

        return new() { Variables = values, Connections = connections, Arguments = texts, Omitted = omitted };
    }
}
