using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Turns gathered objects into texts: values in run mode, manifest placeholders in publish mode.</summary>
internal sealed class ExecutionConfigurationResolver(IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger)
{
    public async Task<IExecutionConfigurationResult> ResolveAsync(ExecutionConfigurationBuilder.GathererContext gathered, CancellationToken cancellationToken)
    {
        var result = new Result { AdditionalConfigurationData = gathered.AdditionalData };
        List<Exception> failures = [];
        foreach (var argument in gathered.Arguments)
        {
            try
            {
                if (await ResolveAsync(argument, cancellationToken).ConfigureAwait(false) is { } text)
                {
                    result.ArgumentList.Add((argument, text, IsSensitive(argument)));
                }
            }
            catch (Exception exception)
            {
                logger.LogCritical(exception, "Failed to resolve argument '{Argument}'", argument);
                failures.Add(new DistributedApplicationException($"Failed to resolve argument '{argument}'", exception));
            }
        }

        foreach (var (name, value) in gathered.EnvironmentVariables)
        {
            try
            {
                if (await ResolveAsync(value, cancellationToken).ConfigureAwait(false) is { } text)
                {
                    result.Variables.Add(new(name, (value, text)));
                }
            }
            catch (Exception exception)
            {
                logger.LogCritical(exception, "Failed to resolve environment variable '{Name}'", name);
                failures.Add(new DistributedApplicationException($"Failed to resolve environment variable '{name}'", exception));
            }
        }

        result.Exception = failures switch
        {
            [] => null,
            [var only] => only,
            _ => new AggregateException("One or more values of the resource's configuration could not be resolved.", failures),
        };
        return result;
    }

    private async ValueTask<string?> ResolveAsync(object? value, CancellationToken cancellationToken) => value switch
    {
        null => null,
        string text => text,
        IManifestExpressionProvider expression when executionContext.IsPublishMode => expression.ValueExpression,
        IValueProvider provider => await provider.GetValueAsync(new ValueProviderContext
        {
            ExecutionContext = executionContext,
            Caller = resource,
            Network = KnownNetworkIdentifiers.LocalhostNetwork,
        }, cancellationToken).ConfigureAwait(false),
        bool flag => flag ? "true" : "false",
        IResourceBuilder<IResource> builder => await ResolveAsync(builder.Resource, cancellationToken).ConfigureAwait(false),
        IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static bool IsSensitive(object value) => value is ParameterResource { Secret: true };

    private sealed class Result : IExecutionConfigurationResult
    {
        public List<(object Unprocessed, string Processed, bool IsSensitive)> ArgumentList { get; } = [];

        public List<KeyValuePair<string, (object Unprocessed, string Processed)>> Variables { get; } = [];

        public IEnumerable<object> References => ArgumentList.Select(a => a.Unprocessed).Concat(Variables.Select(v => v.Value.Unprocessed))
            .OfType<IValueWithReferences>().SelectMany(v => v.References);

        public IEnumerable<(object Unprocessed, string Processed, bool IsSensitive)> ArgumentsWithUnprocessed => ArgumentList;

        public IEnumerable<(string Value, bool IsSensitive)> Arguments => ArgumentList.Select(a => (a.Processed, a.IsSensitive));

        public IEnumerable<KeyValuePair<string, (object Unprocessed, string Processed)>> EnvironmentVariablesWithUnprocessed => Variables;

        public IEnumerable<KeyValuePair<string, string>> EnvironmentVariables => Variables.Select(v => new KeyValuePair<string, string>(v.Key, v.Value.Processed));

        public required IEnumerable<IExecutionConfigurationData> AdditionalConfigurationData { get; init; }

        public Exception? Exception { get; set; }
    }
}
