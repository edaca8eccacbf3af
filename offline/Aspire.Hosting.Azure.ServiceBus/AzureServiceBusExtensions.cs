using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;

namespace Aspire.Hosting;

public static class AzureServiceBusExtensions
{
    public static IResourceBuilder<AzureServiceBusResource> AddAzureServiceBus(
        this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.AddAzureProvisioning();
        var resource = new AzureServiceBusResource(name, ServiceBusInfrastructure.Declare);
        return builder.AddResource(resource)
            .WithAnnotation(new DefaultRoleAssignmentsAnnotation(Roles(ServiceBusBuiltInRole.AzureServiceBusDataOwner)))
            .WithAnnotation(new ResourceIconAnnotation("MailMultiple"));
    }

    public static IResourceBuilder<AzureServiceBusQueueResource> AddServiceBusQueue(this IResourceBuilder<AzureServiceBusResource> builder,
        [ResourceName] string name, string? queueName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var queue = new AzureServiceBusQueueResource(name, queueName ?? name, builder.Resource);
        builder.Resource.Queues.Add(queue);
        return builder.ApplicationBuilder.AddResource(queue).WithAnnotation(new ResourceIconAnnotation("Mail"));
    }

    public static IResourceBuilder<AzureServiceBusTopicResource> AddServiceBusTopic(this IResourceBuilder<AzureServiceBusResource> builder,
        [ResourceName] string name, string? topicName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var topic = new AzureServiceBusTopicResource(name, topicName ?? name, builder.Resource);
        builder.Resource.Topics.Add(topic);
        return builder.ApplicationBuilder.AddResource(topic).WithAnnotation(new ResourceIconAnnotation("Mail"));
    }

    public static IResourceBuilder<AzureServiceBusSubscriptionResource> AddServiceBusSubscription(
        this IResourceBuilder<AzureServiceBusTopicResource> builder, [ResourceName] string name, string? subscriptionName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var subscription = new AzureServiceBusSubscriptionResource(name, subscriptionName ?? name, builder.Resource);
        builder.Resource.Subscriptions.Add(subscription);
        return builder.ApplicationBuilder.AddResource(subscription).WithAnnotation(new ResourceIconAnnotation("Mail"));
    }

    public static IResourceBuilder<AzureServiceBusQueueResource> WithProperties(this IResourceBuilder<AzureServiceBusQueueResource> builder,
        Action<AzureServiceBusQueueResource> configure)
    {
        configure(builder.Resource);
        return builder;
    }

    public static IResourceBuilder<AzureServiceBusTopicResource> WithProperties(this IResourceBuilder<AzureServiceBusTopicResource> builder,
        Action<AzureServiceBusTopicResource> configure)
    {
        configure(builder.Resource);
        return builder;
    }

    public static IResourceBuilder<AzureServiceBusSubscriptionResource> WithProperties(
        this IResourceBuilder<AzureServiceBusSubscriptionResource> builder, Action<AzureServiceBusSubscriptionResource> configure)
    {
        configure(builder.Resource);
        return builder;
    }

    public static IResourceBuilder<T> WithRoleAssignments<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<AzureServiceBusResource> target,
        params ServiceBusBuiltInRole[] roles)
        where T : IResource =>
        builder.WithAnnotation(new RoleAssignmentAnnotation(target.Resource, Roles(roles)));

    public static IResourceBuilder<AzureServiceBusResource> RunAsEmulator(this IResourceBuilder<AzureServiceBusResource> builder,
        Action<IResourceBuilder<AzureServiceBusEmulatorResource>>? configureContainer = null)
    {
        if (builder.Resource.IsEmulator)
        {
            throw new InvalidOperationException($"'{builder.Resource.Name}' runs as an emulator already.");
        }

        return builder.ApplicationBuilder.ExecutionContext.IsPublishMode ? builder : ServiceBusEmulator.Attach(builder, configureContainer);
    }

    private static HashSet<RoleDefinition> Roles(params ServiceBusBuiltInRole[] roles) =>
        [.. roles.Select(role => new RoleDefinition(role.ToString(), ServiceBusBuiltInRole.GetBuiltInRoleName(role)))];
}
