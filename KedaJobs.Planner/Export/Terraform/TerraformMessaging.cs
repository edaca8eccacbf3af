using System.Xml;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>
/// The namespace with its queues, topics, subscriptions and their rules. What was not declared is left to the provider's defaults.
/// </summary>
internal static class TerraformMessaging
{
    /// <summary>Whether any subscription gets less than everything.</summary>
    public static bool HasFilters(JobDefinition job) =>
        job.Topics.SelectMany(topic => topic.Subscriptions).Any(subscription => subscription.Rules is not null);

    public static void Write(Hcl root, JobDefinition job, TerraformNames names)
    {
        if (job.Namespace is not { } bus)
        {
            return;
        }

        Namespace(root, job, bus, names);
        foreach (var queue in job.Queues)
        {
            root.Block($"resource \"azurerm_servicebus_queue\" \"{names.QueueLabel(queue.Name)}\"", Queue(queue, names));
        }

        foreach (var topic in job.Topics)
        {
            root.Block($"resource \"azurerm_servicebus_topic\" \"{names.TopicLabel(topic.Name)}\"", Topic(topic, names));
            foreach (var subscription in topic.Subscriptions)
            {
                root.Block(
                    $"resource \"azurerm_servicebus_subscription\" \"{names.SubscriptionLabel(topic.Name, subscription.Name)}\"",
                    Subscription(topic, subscription, names));
                foreach (var rule in subscription.Rules ?? (HasFilters(job) ? [All] : []))
                {
                    root.Block(
                        "resource \"azurerm_servicebus_subscription_rule\" "
                            + $"\"{names.RuleLabel(topic.Name, subscription.Name, rule.Name)}\"",
                        Rule(names.Subscription(topic.Name, subscription.Name), rule));
                }
            }
        }
    }

    // The provider deletes Azure's own rule from every new subscription or from none.
    private static SubscriptionRuleDefinition All { get; } = new() { Name = "all", SqlFilter = "1=1" };

    private static void Namespace(Hcl root, JobDefinition job, NamespaceDefinition bus, TerraformNames names)
    {
        var label = Names.Identifier(bus.Name);
        if (bus.Existing is { } existing)
        {
            string Text(DefinedText text) => Hcl.Text(JobParts.Text(job, text), names.Expression);
            root.Block($"data \"azurerm_servicebus_namespace\" \"{label}\"", new Hcl()
                .Set("name", Text(existing.Name))
                .Set("resource_group_name", existing.ResourceGroup is { } group ? Text(group) : $"{names.ResourceGroup}.name"));
            return;
        }

        var needsKeys = JobParts.Triggers(job).Any(trigger => trigger.ConnectionSecret is not null);
        root.Block($"resource \"azurerm_servicebus_namespace\" \"{label}\"", TerraformExport.Located(names, "var.servicebus_namespace_name")
            .Set("sku", Hcl.Text("Standard"))
            .Set("local_auth_enabled", Hcl.Boolean(needsKeys)));
    }

    private static Hcl Queue(QueueDefinition queue, TerraformNames names) => new Hcl()
        .Set("name", Hcl.Text(queue.Name))
        .Set("namespace_id", $"{names.Namespace}.id")
        .Set("lock_duration", Duration(queue.LockDurationSeconds))
        .Set("max_delivery_count", Number(queue.MaxDeliveryCount))
        .Set("default_message_ttl", Duration(queue.DefaultMessageTimeToLiveSeconds))
        .Set("dead_lettering_on_message_expiration", Boolean(queue.DeadLetteringOnMessageExpiration))
        .Set("requires_duplicate_detection", Boolean(queue.RequiresDuplicateDetection))
        .Set("duplicate_detection_history_time_window", Duration(queue.DuplicateDetectionHistoryTimeWindowSeconds))
        .Set("requires_session", Boolean(queue.RequiresSession))
        .Set("forward_to", names.ForwardTarget(queue.Name, queue.ForwardTo))
        .Set("forward_dead_lettered_messages_to", names.ForwardTarget(queue.Name, queue.ForwardDeadLetteredMessagesTo));

    private static Hcl Topic(TopicDefinition topic, TerraformNames names) => new Hcl()
        .Set("name", Hcl.Text(topic.Name))
        .Set("namespace_id", $"{names.Namespace}.id")
        .Set("default_message_ttl", Duration(topic.DefaultMessageTimeToLiveSeconds))
        .Set("requires_duplicate_detection", Boolean(topic.RequiresDuplicateDetection))
        .Set("duplicate_detection_history_time_window", Duration(topic.DuplicateDetectionHistoryTimeWindowSeconds));

    private static Hcl Subscription(TopicDefinition topic, SubscriptionDefinition subscription, TerraformNames names) => new Hcl()
        .Set("name", Hcl.Text(subscription.Name))
        .Set("topic_id", $"{names.Topic(topic.Name)}.id")
        .Set("lock_duration", Duration(subscription.LockDurationSeconds))

        // Required here; 10 is Service Bus's default.
        .Set("max_delivery_count", Hcl.Number(subscription.MaxDeliveryCount ?? 10))
        .Set("default_message_ttl", Duration(subscription.DefaultMessageTimeToLiveSeconds))
        .Set("dead_lettering_on_message_expiration", Boolean(subscription.DeadLetteringOnMessageExpiration))
        .Set("requires_session", Boolean(subscription.RequiresSession))
        .Set("forward_to", names.ForwardTarget(null, subscription.ForwardTo))
        .Set("forward_dead_lettered_messages_to", names.ForwardTarget(null, subscription.ForwardDeadLetteredMessagesTo));

    private static Hcl Rule(string subscription, SubscriptionRuleDefinition rule) => new Hcl()
        .Set("name", Hcl.Text(rule.Name))
        .Set("subscription_id", $"{subscription}.id")
        .Set("filter_type", Hcl.Text(rule.SqlFilter is null ? "CorrelationFilter" : "SqlFilter"))
        .Set("sql_filter", Text(rule.SqlFilter))
        .Set("action", Text(rule.Action))
        .Block("correlation_filter", rule.CorrelationFilter is { } filter ? Correlation(filter) : null);

    private static Hcl Correlation(CorrelationFilterDefinition filter)
    {
        var content = new Hcl()
            .Set("content_type", Text(filter.ContentType))
            .Set("correlation_id", Text(filter.CorrelationId))
            .Set("label", Text(filter.Subject))
            .Set("message_id", Text(filter.MessageId))
            .Set("reply_to", Text(filter.ReplyTo))
            .Set("reply_to_session_id", Text(filter.ReplyToSessionId))
            .Set("session_id", Text(filter.SessionId))
            .Set("to", Text(filter.To));
        if (filter.Properties is { Count: > 0 } properties)
        {
            var map = new Hcl();
            foreach (var (name, value) in properties)
            {
                map.Set(Hcl.Key(name), Hcl.Text(value));
            }

            content.SetObject("properties", map);
        }

        return content;
    }

    private static string? Text(string? value) => value is null ? null : Hcl.Text(value);

    private static string? Duration(decimal? seconds) =>
        seconds is { } value ? Hcl.Text(XmlConvert.ToString(TimeSpan.FromTicks((long)(value * TimeSpan.TicksPerSecond)))) : null;

    private static string? Number(int? value) => value is { } number ? Hcl.Number(number) : null;

    private static string? Boolean(bool? value) => value is { } boolean ? Hcl.Boolean(boolean) : null;
}
