using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace Aspire.Hosting;

public static class ExistingAzureResourceExtensions
{
    public static IResourceBuilder<T> AsExisting<T>(this IResourceBuilder<T> builder, IResourceBuilder<ParameterResource> nameParameter,
        IResourceBuilder<ParameterResource>? resourceGroupParameter)
        where T : IAzureResource =>
        builder.WithAnnotation(new ExistingAzureResourceAnnotation(nameParameter.Resource, resourceGroupParameter?.Resource));

    public static IResourceBuilder<T> PublishAsExisting<T>(this IResourceBuilder<T> builder, string name, string? resourceGroup)
        where T : IAzureResource => builder.When(builder.ApplicationBuilder.ExecutionContext.IsPublishMode, name, resourceGroup);

    public static IResourceBuilder<T> PublishAsExisting<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<ParameterResource> nameParameter,
        IResourceBuilder<ParameterResource>? resourceGroupParameter)
        where T : IAzureResource =>
        builder.When(builder.ApplicationBuilder.ExecutionContext.IsPublishMode, nameParameter.Resource, resourceGroupParameter?.Resource);

    private static IResourceBuilder<T> When<T>(this IResourceBuilder<T> builder, bool applies, object name, object? resourceGroup)
        where T : IAzureResource =>
        applies ? builder.WithAnnotation(new ExistingAzureResourceAnnotation(name, resourceGroup)) : builder;
}
