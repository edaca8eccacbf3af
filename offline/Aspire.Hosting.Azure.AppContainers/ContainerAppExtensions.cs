using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;

namespace Aspire.Hosting;

public static class ContainerAppExtensions
{
    public static IResourceBuilder<T> PublishAsAzureContainerAppJob<T>(this IResourceBuilder<T> resource)
        where T : IComputeResource =>
        resource.PublishAsAzureContainerAppJob((_, job) => job.Configuration.TriggerType = ContainerAppJobTriggerType.Manual);

    public static IResourceBuilder<T> PublishAsAzureContainerAppJob<T>(this IResourceBuilder<T> resource,
        Action<AzureResourceInfrastructure, ContainerAppJob> configure)
        where T : IComputeResource
    {
        if (!resource.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return resource;
        }

        resource.ApplicationBuilder.AddAzureContainerAppsInfrastructureCore();
        return resource.WithAnnotation(new AzureContainerAppJobCustomizationAnnotation(configure));
    }

    public static IResourceBuilder<T> PublishAsScheduledAzureContainerAppJob<T>(this IResourceBuilder<T> resource, string cronExpression,
        Action<AzureResourceInfrastructure, ContainerAppJob>? configure = null)
        where T : IComputeResource =>
        resource.PublishAsAzureContainerAppJob((infrastructure, job) =>
        {
            job.Configuration.TriggerType = ContainerAppJobTriggerType.Schedule;
            job.Configuration.ScheduleTriggerConfig.CronExpression = cronExpression;
            configure?.Invoke(infrastructure, job);
        });
}

public static class AzureContainerAppProjectExtensions
{
    public static IResourceBuilder<T> PublishAsAzureContainerApp<T>(this IResourceBuilder<T> project,
        Action<AzureResourceInfrastructure, ContainerApp> configure)
        where T : ProjectResource
    {
        if (!project.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return project;
        }

        project.ApplicationBuilder.AddAzureContainerAppsInfrastructureCore();
        return project.WithAnnotation(new AzureContainerAppCustomizationAnnotation(configure));
    }
}
