using Azure.Provisioning;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.ServiceBus;

namespace Aspire.Hosting.Azure;

/// <summary>The module of a namespace: the namespace, its entities with what was set of them, and what consumers need to know.</summary>
internal static class ServiceBusInfrastructure
{
    public static void Declare(AzureResourceInfrastructure infrastructure)
    {
        var resource = (AzureServiceBusResource)infrastructure.AspireResource;
        var serviceBus = AzureProvisioningResource.CreateExistingOrNewProvisionableResource(
            infrastructure,
            (identifier, existingName) =>
            {
                var existing = ServiceBusNamespace.FromExisting(identifier);
                existing.Name = existingName;
                return existing;
            },
            Create);

        foreach (var queue in resource.Queues)
        {
            infrastructure.Add(Create(queue, serviceBus));
        }

        foreach (var topic in resource.Topics)
        {
            var declared = Create(topic, serviceBus);
            infrastructure.Add(declared);
            foreach (var subscription in topic.Subscriptions)
            {
                var below = Create(subscription, declared);
                infrastructure.Add(below);
                foreach (var rule in subscription.Rules)
                {
                    infrastructure.Add(Create(rule, below));
                }
            }
        }

        infrastructure.Add(new ProvisioningOutput("serviceBusEndpoint", typeof(string)) { Value = serviceBus.ServiceBusEndpoint });
        infrastructure.Add(new ProvisioningOutput("serviceBusHostName", typeof(string)) { Value = HostName(serviceBus) });
        infrastructure.Add(new ProvisioningOutput("name", typeof(string)) { Value = serviceBus.Name });
        infrastructure.Add(new ProvisioningOutput("id", typeof(string)) { Value = serviceBus.Id });
    }

    private static ServiceBusNamespace Create(AzureResourceInfrastructure infrastructure)
    {
        var sku = new ProvisioningParameter("sku", typeof(string)) { Value = "Standard" };
        infrastructure.Add(sku);
        return new ServiceBusNamespace(infrastructure.AspireResource.GetBicepIdentifier())
        {
            Sku = new ServiceBusSku { Name = sku },
            DisableLocalAuth = true,
            PublicNetworkAccess = ServiceBusPublicNetworkAccess.Enabled,
            Tags = { { "aspire-resource-name", infrastructure.AspireResource.Name } },
        };
    }

    private static ServiceBusQueue Create(AzureServiceBusQueueResource queue, ServiceBusNamespace parent)
    {
        var declared = new ServiceBusQueue(Infrastructure.NormalizeBicepIdentifier(queue.Name)) { Name = queue.QueueName, Parent = parent };
        Set(declared.DeadLetteringOnMessageExpiration, queue.DeadLetteringOnMessageExpiration);
        Set(declared.DefaultMessageTimeToLive, queue.DefaultMessageTimeToLive);
        Set(declared.DuplicateDetectionHistoryTimeWindow, queue.DuplicateDetectionHistoryTimeWindow);
        Set(declared.ForwardDeadLetteredMessagesTo, queue.ForwardDeadLetteredMessagesTo);
        Set(declared.ForwardTo, queue.ForwardTo);
        Set(declared.LockDuration, queue.LockDuration);
        Set(declared.MaxDeliveryCount, queue.MaxDeliveryCount);
        Set(declared.RequiresDuplicateDetection, queue.RequiresDuplicateDetection);
        Set(declared.RequiresSession, queue.RequiresSession);
        return declared;
    }

    private static ServiceBusTopic Create(AzureServiceBusTopicResource topic, ServiceBusNamespace parent)
    {
        var declared = new ServiceBusTopic(Infrastructure.NormalizeBicepIdentifier(topic.Name)) { Name = topic.TopicName, Parent = parent };
        Set(declared.DefaultMessageTimeToLive, topic.DefaultMessageTimeToLive);
        Set(declared.DuplicateDetectionHistoryTimeWindow, topic.DuplicateDetectionHistoryTimeWindow);
        Set(declared.RequiresDuplicateDetection, topic.RequiresDuplicateDetection);
        return declared;
    }

    private static ServiceBusSubscription Create(AzureServiceBusSubscriptionResource subscription, ServiceBusTopic parent)
    {
        var identifier = Infrastructure.NormalizeBicepIdentifier(subscription.Name);
        var declared = new ServiceBusSubscription(identifier) { Name = subscription.SubscriptionName, Parent = parent };
        Set(declared.DeadLetteringOnMessageExpiration, subscription.DeadLetteringOnMessageExpiration);
        Set(declared.DefaultMessageTimeToLive, subscription.DefaultMessageTimeToLive);
        Set(declared.ForwardDeadLetteredMessagesTo, subscription.ForwardDeadLetteredMessagesTo);
        Set(declared.ForwardTo, subscription.ForwardTo);
        Set(declared.LockDuration, subscription.LockDuration);
        Set(declared.MaxDeliveryCount, subscription.MaxDeliveryCount);
        Set(declared.RequiresSession, subscription.RequiresSession);
        return declared;
    }

    private static ServiceBusRule Create(AzureServiceBusRule rule, ServiceBusSubscription parent)
    {
        var declared = new ServiceBusRule(Infrastructure.NormalizeBicepIdentifier(rule.Name)) { Name = rule.Name, Parent = parent };
        var filter = rule.CorrelationFilter;
        Set(declared.CorrelationId, filter.CorrelationId);
        Set(declared.MessageId, filter.MessageId);
        Set(declared.To, filter.SendTo);
        Set(declared.ReplyTo, filter.ReplyTo);
        Set(declared.Label, filter.Subject);
        Set(declared.SessionId, filter.SessionId);
        Set(declared.ReplyToSessionId, filter.ReplyToSessionId);
        Set(declared.ContentType, filter.ContentType);
        Set(declared.RequiresPreprocessing, filter.RequiresPreprocessing);
        foreach (var (name, value) in filter.Properties)
        {
            declared.ApplicationProperties[name] = value;
        }

        declared.FilterType = rule.FilterType.ToString();
        return declared;
    }

    // split(replace(ns.properties.serviceBusEndpoint, 'https://', ''), ':')[0]
    private static BicepExpression HostName(ServiceBusNamespace serviceBus)
    {
        var address = Call("replace", serviceBus.ServiceBusEndpoint.Compile(), "https://", "");
        return new IndexExpression(Call("split", address, ":"), 0);

        static FunctionCallExpression Call(string name, params BicepExpression[] arguments) =>
            new(new IdentifierExpression(name), arguments);
    }

    private static void Set<T>(BicepValue<T> property, T? value)
        where T : struct
    {
        if (value is { } given)
        {
            property.Assign(given);
        }
    }

    private static void Set(BicepValue<string> property, string? value)
    {
        if (value is not null)
        {
            property.Assign(value);
        }
    }
}
