using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string name, string displayName,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, CommandOptions? commandOptions = null) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(displayName);
        ArgumentNullException.ThrowIfNull(executeCommand);
        var options = commandOptions ?? CommandOptions.Default;
        foreach (var old in builder.Resource.Annotations.OfType<ResourceCommandAnnotation>().Where(c => c.Name == name).ToArray())
        {
            builder.Resource.Annotations.Remove(old);
        }

        return builder.WithAnnotation(new ResourceCommandAnnotation(name, displayName, options.UpdateState ?? (_ => ResourceCommandState.Enabled), executeCommand,
            options.Description, options.Arguments, options.ConfirmationMessage, options.IconName, options.IconVariant, options.IsHighlighted, options.Visibility,
            options.ValidateArguments));
    }

    public static IResourceBuilder<T> WithIconName<T>(this IResourceBuilder<T> builder, string iconName, IconVariant iconVariant = IconVariant.Filled) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(iconName);
        return builder.WithAnnotation(new ResourceIconAnnotation(iconName, iconVariant), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<T> WithHidden<T>(this IResourceBuilder<T> builder) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new HiddenAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<T> WithHiddenOnCompletion<T>(this IResourceBuilder<T> builder, int exitCode) where T : IResource =>
        builder.WithHiddenOnCompletion([exitCode]);

    public static IResourceBuilder<T> WithHiddenOnCompletion<T>(this IResourceBuilder<T> builder, params int[] exitCodes) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new HiddenOnCompletionAnnotation(exitCodes is { Length: > 0 } ? [.. exitCodes] : [0]), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<T> WithExplicitStart<T>(this IResourceBuilder<T> builder) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ExplicitStartupAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<T> WithRelationship<T>(this IResourceBuilder<T> builder, IResource resource, string type) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, type));
    }

    public static IResourceBuilder<T> WithRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> resourceBuilder, string type) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resourceBuilder);
        return builder.WithRelationship(resourceBuilder.Resource, type);
    }

    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource) where T : IResource =>
        builder.WithRelationship(resource, KnownRelationshipTypes.Reference);

    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> resourceBuilder) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resourceBuilder);
        return builder.WithReferenceRelationship(resourceBuilder.Resource);
    }

    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResource parent) where T : IResource =>
        builder.WithRelationship(parent, KnownRelationshipTypes.Parent);

    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(parent);
        return builder.WithParentRelationship(parent.Resource);
    }

    public static IResourceBuilder<T> WithChildRelationship<T>(this IResourceBuilder<T> builder, IResource child) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(child);
        builder.ApplicationBuilder.CreateResourceBuilder(child).WithParentRelationship(builder.Resource);
        return builder;
    }

    public static IResourceBuilder<T> WithChildRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> child) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(child);
        return builder.WithChildRelationship(child.Resource);
    }

    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, string url, string? displayText = null) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(url);
        return builder.WithAnnotation(new ResourceUrlAnnotation { Url = url, DisplayText = displayText });
    }

    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, in ReferenceExpression.ExpressionInterpolatedStringHandler url, string? displayText = null)
        where T : IResource => builder.WithUrl(url.GetExpression(), displayText);

    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, ReferenceExpression url, string? displayText = null) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(url);
        return builder.WithUrls(async context =>
        {
            if (await url.GetValueAsync(context.CancellationToken).ConfigureAwait(false) is { Length: > 0 } value)
            {
                context.Urls.Add(new ResourceUrlAnnotation { Url = value, DisplayText = displayText });
            }
        });
    }

    public static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Action<ResourceUrlsCallbackContext> callback) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceUrlsCallbackAnnotation(callback));
    }

    public static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Func<ResourceUrlsCallbackContext, Task> callback) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceUrlsCallbackAnnotation(callback));
    }

    public static IResourceBuilder<T> WithUrlForEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithUrls(context =>
        {
            foreach (var url in context.Urls.Where(u => string.Equals(u.Endpoint?.EndpointName, endpointName, StringComparison.OrdinalIgnoreCase)).ToArray())
            {
                callback(url);
            }
        });
    }

    public static IResourceBuilder<T> WithUrlForEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithUrls(context =>
        {
            if (context.GetEndpoint(endpointName) is { } endpoint)
            {
                var url = callback(endpoint);
                context.Urls.Add(url.Endpoint is not null ? url : new ResourceUrlAnnotation
                {
                    Url = url.Url,
                    DisplayText = url.DisplayText,
                    DisplayOrder = url.DisplayOrder,
                    DisplayLocation = url.DisplayLocation,
                    Endpoint = endpoint,
                });
            }
        });
    }
}
