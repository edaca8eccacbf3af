using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the manifest that deployment tools read: every resource of the model, with placeholders where a value is known only there.</summary>
public sealed class ManifestPublishingContext(DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer,
    CancellationToken cancellationToken = default)
{
    private const string Schema = "https://json.schemastore.org/aspire-8.0.json";

    private readonly Dictionary<string, IResource> _dependents = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<object> _visited = new(ReferenceEqualityComparer.Instance);

    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext ?? throw new ArgumentNullException(nameof(executionContext));

    public string ManifestPath { get; } = manifestPath ?? throw new ArgumentNullException(nameof(manifestPath));

    public Utf8JsonWriter Writer { get; } = writer ?? throw new ArgumentNullException(nameof(writer));

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The path as seen from the manifest's folder, with forward slashes.</summary>
    public string? GetManifestRelativePath(string? path)
    {
        if (path is null)
        {
            return null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(ManifestPath))!;
        return Path.GetRelativePath(folder, path).Replace('\\', '/');
    }

    public void WriteConnectionString(IResource resource)
    {
        if (resource is IResourceWithConnectionString withConnectionString)
        {
            Writer.WriteString("connectionString", withConnectionString.ConnectionStringExpression.ValueExpression);
            TryAddDependentResources(withConnectionString.ConnectionStringExpression);
        }
    }

    public async Task WriteEnvironmentVariablesAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var configuration = await ExecutionConfigurationBuilder.Create(resource).WithEnvironmentVariablesConfig()
            .BuildAsync(ExecutionContext, resourceLogger: null, CancellationToken).ConfigureAwait(false);
        ThrowIfFailed(resource, configuration);
        if (!configuration.EnvironmentVariables.Any())
        {
            return;
        }

        Writer.WriteStartObject("env");
        foreach (var (name, (unprocessed, processed)) in configuration.EnvironmentVariablesWithUnprocessed)
        {
            Writer.WriteString(name, processed);
            TryAddDependentResources(unprocessed);
        }

        Writer.WriteEndObject();
    }

    public async Task WriteCommandLineArgumentsAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var configuration = await ExecutionConfigurationBuilder.Create(resource).WithArgumentsConfig()
            .BuildAsync(ExecutionContext, resourceLogger: null, CancellationToken).ConfigureAwait(false);
        ThrowIfFailed(resource, configuration);
        if (!configuration.Arguments.Any())
        {
            return;
        }

        Writer.WriteStartArray("args");
        foreach (var (unprocessed, processed, _) in configuration.ArgumentsWithUnprocessed)
        {
            Writer.WriteStringValue(processed);
            TryAddDependentResources(unprocessed);
        }

        Writer.WriteEndArray();
    }

    public void WriteBindings(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (!resource.TryGetEndpoints(out var endpoints))
        {
            return;
        }

        Writer.WriteStartObject("bindings");
        foreach (var endpoint in endpoints)
        {
            Writer.WriteStartObject(endpoint.Name);
            Writer.WriteString("scheme", endpoint.UriScheme);
            Writer.WriteString("protocol", endpoint.Protocol.ToString().ToLowerInvariant());
            Writer.WriteString("transport", endpoint.Transport);
            if (endpoint.Port is { } port)
            {
                Writer.WriteNumber("port", port);
            }

            if (endpoint.TargetPort is { } targetPort)
            {
                Writer.WriteNumber("targetPort", targetPort);
            }

            if (endpoint.IsExternal)
            {
                Writer.WriteBoolean("external", true);
            }

            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
    }

    public Task WriteContainerAsync(ContainerResource container) => new ManifestResourceWriter(this).WriteContainerAsync(container);

    /// <summary>Remembers resources that a written value refers to: those that are not in the model are written too.</summary>
    public void TryAddDependentResources(object? value)
    {
        if (value is null || !_visited.Add(value))
        {
            return;
        }

        if (value is IResource resource)
        {
            _dependents.TryAdd(resource.Name, resource);
        }

        if (value is IValueWithReferences withReferences)
        {
            foreach (var reference in withReferences.References)
            {
                TryAddDependentResources(reference);
            }
        }
    }

    internal async Task WriteModelAsync(DistributedApplicationModel model)
    {
        Writer.WriteStartObject();
        Writer.WriteString("$schema", Schema);
        Writer.WriteStartObject("resources");
        var resources = new ManifestResourceWriter(this);
        var names = model.Resources.Select(r => r.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var resource in model.Resources.ToArray())
        {
            await resources.WriteAsync(resource).ConfigureAwait(false);
        }

        foreach (var dependent in _dependents.Values.Where(r => !names.Contains(r.Name)).ToArray())
        {
            await resources.WriteAsync(dependent).ConfigureAwait(false);
        }

        Writer.WriteEndObject();
        Writer.WriteEndObject();
        await Writer.FlushAsync(CancellationToken).ConfigureAwait(false);
    }

    private static void ThrowIfFailed(IResource resource, IExecutionConfigurationResult configuration)
    {
        if (configuration.Exception is { } exception)
        {
            throw new DistributedApplicationException($"Resource '{resource.Name}' cannot be published: {exception.Message} {exception.InnerException?.Message}", exception);
        }
    }
}
