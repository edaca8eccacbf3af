namespace Aspire.Hosting.ApplicationModel;

public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) => GetValueAsync(cancellationToken);
}

public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

public interface IValueWithReferences
{
    IEnumerable<object> References { get; }
}

public class ValueProviderContext
{
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    public IResource? Caller { get; init; }

    public NetworkIdentifier? Network { get; init; }
}

public class ConnectionStringReference(IResourceWithConnectionString resource, bool optional) : IExpressionValue, IValueWithReferences
{
    public IResourceWithConnectionString Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    public bool Optional { get; } = optional;

    string IManifestExpressionProvider.ValueExpression => Resource.ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    async ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken)
    {
        var value = await Resource.GetValueAsync(cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrEmpty(value) && !Optional)
        {
            throw new DistributedApplicationException($"The connection string for the resource '{Resource.Name}' is not available.");
        }

        return value;
    }
}

public record HostUrl(string Url) : IExpressionValue
{
    string IManifestExpressionProvider.ValueExpression => Url;

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => new(Url);
}
