using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>What resources are called within the configuration, and how they are referred to.</summary>
internal sealed class TerraformNames(JobDefinition job)
{
    /// <summary>The job's own label.</summary>
    public string Job { get; } = Names.Identifier(job.Name);

    /// <summary>The namespace's label.</summary>
    public string Namespace { get; } = Names.Identifier(job.Namespace.Name);

    public static string Queue(string queue) => $"azurerm_servicebus_queue.{Names.Identifier(queue)}";

    public static string Topic(string topic) => $"azurerm_servicebus_topic.{Names.Identifier(topic)}";

    public static string SubscriptionLabel(string topic, string subscription) => $"{Names.Identifier(topic)}_{Names.Identifier(subscription)}";

    public static string Identity(string identity) => $"azurerm_user_assigned_identity.{Names.Identifier(identity)}";

    public static string Secret(string secret) => $"secret_{Names.Identifier(secret)}";

    /// <summary>The expression for an identity as a rule or registry wants it.</summary>
    public static string IdentityId(string identity) => identity == ScaleRuleDefinition.SystemIdentity ? Hcl.Text("System") : $"{Identity(identity)}.id";

    /// <summary>A secret's value: the namespace's own connection string for the trigger, a variable for any other.</summary>
    public string SecretValue(string secret) => JobParts.IsConnection(job, secret)
        ? $"azurerm_servicebus_namespace.{Namespace}.default_primary_connection_string"
        : $"var.{Secret(secret)}";

    public string Expression(DeployedValue value) => value switch
    {
        DeployedValue.NamespaceName => $"azurerm_servicebus_namespace.{Namespace}.name",
        DeployedValue.RegistryServer => "data.azurerm_container_registry.main.login_server",
        DeployedValue.ClientId(var identity) => $"{Identity(identity)}.client_id",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    /// <summary>What a role is assigned on: a label for the assignment, and the resource's address.</summary>
    public (string Label, string Address) Scope(RoleScope scope) => scope switch
    {
        { Queue: { } queue } => (Names.Identifier(queue), Queue(queue)),
        { Topic: { } topic, Subscription: { } subscription } =>
            (SubscriptionLabel(topic, subscription), $"azurerm_servicebus_subscription.{SubscriptionLabel(topic, subscription)}"),
        { Topic: { } topic } => (Names.Identifier(topic), Topic(topic)),
        _ => (Namespace, $"azurerm_servicebus_namespace.{Namespace}"),
    };

    /// <summary>An entity that messages are forwarded to: a reference where it is declared here, so that it is created first.</summary>
    public string? ForwardTarget(string? entity) => entity switch
    {
        null => null,
        _ when job.Queues.Any(queue => queue.Name == entity) => $"{Queue(entity)}.name",
        _ when job.Topics.Any(topic => topic.Name == entity) => $"{Topic(entity)}.name",
        _ => Hcl.Text(entity),
    };
}
