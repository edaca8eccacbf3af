using System.Xml;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>The namespace with its queues, topics and subscriptions. What was not declared is left to the provider's defaults.</summary>
internal static class TerraformMessaging
{
    public static void Write(Hcl root, JobDefinition job, TerraformNames names)
    {
        var needsKeys = JobParts.Triggers(job).Any(trigger => trigger.ConnectionSecret is not null);
        root.Block($"resource \"azurerm_servicebus_namespace\" \"{names.Namespace}\"", TerraformExport.Located("var.servicebus_namespace_name")
            .Set("sku", Hcl.Text("Standard"))
            .Set("local_auth_enabled", Hcl.Boolean(needsKeys)));
        foreach (var queue in job.Queues)
        {
            root.Block($"resource \"azurerm_servicebus_queue\" \"{Names.Identifier(queue.Name)}\"", Queue(queue, names));
        }

        foreach (var topic in job.Topics)
        {
            root.Block($"resource \"azurerm_servicebus_topic\" \"{Names.Identifier(topic.Name)}\"", Topic(topic, names));
            foreach (var subscription in topic.Subscriptions)
            {
                root.Block(
                    $"resource \"azurerm_servicebus_subscription\" \"{TerraformNames.SubscriptionLabel(topic.Name, subscription.Name)}\"",
                    Subscription(topic, subscription, names));
            }
        }
    }

    private static Hcl Queue(QueueDefinition queue, TerraformNames names) => new Hcl()
        .Set("name", Hcl.Text(queue.Name))
        .Set("namespace_id", $"azurerm_servicebus_namespace.{names.Namespace}.id")
        .Set("lock_duration", Duration(queue.LockDurationSeconds))
        .Set("max_delivery_count", Number(queue.MaxDeliveryCount))
        .Set("default_message_ttl", Duration(queue.DefaultMessageTimeToLiveSeconds))
        .Set("dead_lettering_on_message_expiration", Boolean(queue.DeadLetteringOnMessageExpiration))
        .Set("requires_duplicate_detection", Boolean(queue.RequiresDuplicateDetection))
        .Set("duplicate_detection_history_time_window", Duration(queue.DuplicateDetectionHistoryTimeWindowSeconds))
        .Set("requires_session", Boolean(queue.RequiresSession))
        .Set("forward_to", names.ForwardTarget(queue.ForwardTo))
        .Set("forward_dead_lettered_messages_to", names.ForwardTarget(queue.ForwardDeadLetteredMessagesTo));

    private static Hcl Topic(TopicDefinition topic, TerraformNames names) => new Hcl()
        .Set("name", Hcl.Text(topic.Name))
        .Set("namespace_id", $"azurerm_servicebus_namespace.{names.Namespace}.id")
        .Set("default_message_ttl", Duration(topic.DefaultMessageTimeToLiveSeconds))
        .Set("requires_duplicate_detection", Boolean(topic.RequiresDuplicateDetection))
        .Set("duplicate_detection_history_time_window", Duration(topic.DuplicateDetectionHistoryTimeWindowSeconds));

    private static Hcl Subscription(TopicDefinition topic, SubscriptionDefinition subscription, TerraformNames names) => new Hcl()
        .Set("name", Hcl.Text(subscription.Name))
        .Set("topic_id", $"{TerraformNames.Topic(topic.Name)}.id")
        .Set("lock_duration", Duration(subscription.LockDurationSeconds))

        // Required here; 10 is Service Bus's default.
        .Set("max_delivery_count", Hcl.Number(subscription.MaxDeliveryCount ?? 10))
        .Set("default_message_ttl", Duration(subscription.DefaultMessageTimeToLiveSeconds))
        .Set("dead_lettering_on_message_expiration", Boolean(subscription.DeadLetteringOnMessageExpiration))
        .Set("requires_session", Boolean(subscription.RequiresSession))
        .Set("forward_to", names.ForwardTarget(subscription.ForwardTo))
        .Set("forward_dead_lettered_messages_to", names.ForwardTarget(subscription.ForwardDeadLetteredMessagesTo));

    private static string? Duration(decimal? seconds) =>
        seconds is { } value ? Hcl.Text(XmlConvert.ToString(TimeSpan.FromTicks((long)(value * TimeSpan.TicksPerSecond)))) : null;

    private static string? Number(int? value) => value is { } number ? Hcl.Number(number) : null;

    private static string? Boolean(bool? value) => value is { } boolean ? Hcl.Boolean(boolean) : null;
}
