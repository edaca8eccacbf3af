using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives the consumer the connection string and, one variable each, the connection properties of the source.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.WithReferenceRelationship(resource).WithEnvironment(context =>
        {
            var flags = InjectionFlags(context.Resource);
            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionString))
            {
                var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}";
                context.EnvironmentVariables[variable] = new ConnectionStringReference(resource, optional);
            }

            if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionProperties))
            {
                foreach (var (key, value) in ConnectionPropertiesOf(resource))
                {
                    context.EnvironmentVariables[$"{VariableName(name)}_{key.ToUpperInvariant()}"] = value;
                }
            }
        });
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source) where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        return builder.WithEndpointReferences(source.Resource, source.Resource.Name, _ => true);
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source, string name) where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.WithEndpointReferences(source.Resource, name, _ => true);
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(endpointReference);
        return builder.WithEndpointReferences(endpointReference.Resource, endpointReference.Resource.Name,
            e => string.Equals(e.EndpointName, endpointReference.EndpointName, StringComparison.OrdinalIgnoreCase));
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri)
        {
            throw new InvalidOperationException("The uri for service reference must be absolute.");
        }

        if (uri.AbsolutePath != "/")
        {
            throw new InvalidOperationException("The uri absolute path must be \"/\".");
        }

        return builder.WithEnvironment($"services__{name}__default__0", uri.ToString()).WithEnvironment(VariableName(name), uri.ToString());
    }

    public static IResourceBuilder<TDestination> WithReferenceEnvironment<TDestination>(this IResourceBuilder<TDestination> builder, ReferenceEnvironmentInjectionFlags flags)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ReferenceEnvironmentInjectionAnnotation(flags), ResourceAnnotationMutationBehavior.Replace);
    }

    public static ReferenceExpression GetConnectionProperty(this IResourceWithConnectionString resource, string key)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ConnectionPropertiesOf(resource).LastOrDefault(p => string.Equals(p.Key, key, StringComparison.OrdinalIgnoreCase)).Value ?? ReferenceExpression.Empty;
    }

    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value) where T : IResourceWithConnectionString
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ConnectionPropertyAnnotation(name, value));
    }

    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, string value) where T : IResourceWithConnectionString =>
        builder.WithConnectionProperty(name, ReferenceExpression.Create($"{value}"));

    /// <summary>Only records the wish: the resource's type decides whether its connection string looks for it.</summary>
    public static IResourceBuilder<T> WithConnectionStringRedirection<T>(this IResourceBuilder<T> builder, IResourceWithConnectionString resource) where T : IResourceWithConnectionString
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ConnectionStringRedirectAnnotation(resource), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>The upper-case form of a name as part of a variable's name.</summary>
    internal static string VariableName(string name)
    {
        var result = new StringBuilder(name.Length + 1);
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
        {
            result.Append('_');
        }

        foreach (var c in name)
        {
            result.Append(char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_');
        }

        return result.ToString();
    }

    private static IEnumerable<KeyValuePair<string, ReferenceExpression>> ConnectionPropertiesOf(IResourceWithConnectionString resource) =>
        resource.GetConnectionProperties().Concat(resource.Annotations.OfType<ConnectionPropertyAnnotation>()
            .Select(p => new KeyValuePair<string, ReferenceExpression>(p.Name, p.Value)));

    private static ReferenceEnvironmentInjectionFlags InjectionFlags(IResource consumer) =>
        consumer.TryGetLastAnnotation<ReferenceEnvironmentInjectionAnnotation>(out var annotation) ? annotation.Flags : ReferenceEnvironmentInjectionFlags.All;

    private static IResourceBuilder<TDestination> WithEndpointReferences<TDestination>(this IResourceBuilder<TDestination> builder, IResourceWithEndpoints source, string name,
        Func<EndpointReference, bool> chosen) where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithReferenceRelationship(source).WithEnvironment(context =>
        {
            var flags = InjectionFlags(context.Resource);
            var countByKey = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
            foreach (var endpoint in source.GetEndpoints().Where(e => !e.ExcludeReferenceEndpoint && chosen(e)))
            {
                if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
                {
                    var key = endpoint.IsHttpSchemeNamedEndpoint ? endpoint.Scheme : endpoint.EndpointName;
                    var index = countByKey.GetValueOrDefault(key);
                    countByKey[key] = index + 1;
                    context.EnvironmentVariables[$"services__{name}__{key}__{index}"] = endpoint;
                }

                if (flags.HasFlag(ReferenceEnvironmentInjectionFlags.Endpoints))
                {
                    context.EnvironmentVariables[$"{VariableName(name)}_{VariableName(endpoint.EndpointName)}"] = endpoint;
                }
            }
        });
    }
}
