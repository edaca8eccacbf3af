namespace Aspire.Hosting.ApplicationModel;

public interface IResourceWithConnectionString : IResource, IExpressionValue, IValueWithReferences
{
    ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>The variable that carries the connection string instead of <c>ConnectionStrings__NAME</c>.</summary>
    string? ConnectionStringEnvironmentVariable => null;

    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

    IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];

    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);
}
