using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace Aspire.Hosting;

public static class AzureBicepResourceExtensions
{
    public static BicepOutputReference GetOutput(this IResourceBuilder<AzureBicepResource> builder, string name) =>
        new(name, builder.Resource);

    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, BicepOutputReference bicepOutputReference)
        where T : IResourceWithEnvironment =>
        builder.WithAnnotation(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables[name] = bicepOutputReference));

    public static IResourceBuilder<T> WithParameter<T>(this IResourceBuilder<T> builder, string name)
        where T : AzureBicepResource => builder.SetParameter(name, null);

    public static IResourceBuilder<T> WithParameter<T>(this IResourceBuilder<T> builder, string name, string value)
        where T : AzureBicepResource => builder.SetParameter(name, value);

    public static IResourceBuilder<T> WithParameter<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> value)
        where T : AzureBicepResource => builder.SetParameter(name, value.Resource);

    public static IResourceBuilder<T> WithParameter<T>(this IResourceBuilder<T> builder, string name, BicepOutputReference value)
        where T : AzureBicepResource => builder.SetParameter(name, value);

    public static IResourceBuilder<T> WithParameter<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : AzureBicepResource => builder.SetParameter(name, value);

    private static IResourceBuilder<T> SetParameter<T>(this IResourceBuilder<T> builder, string name, object? value)
        where T : AzureBicepResource
    {
        builder.Resource.Parameters[name] = value;
        return builder;
    }
}
