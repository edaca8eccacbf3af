using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Terraform;

/// <summary>What resources and variables are called within the configuration, and how they are referred to.</summary>
internal sealed class TerraformNames
{
    private readonly JobDefinition _job;
    private readonly UniqueNames _queues = new();
    private readonly UniqueNames _topics = new();
    private readonly UniqueNames _subscriptions = new();
    private readonly UniqueNames _rules = new();
    private readonly UniqueNames _identities = new();
    private readonly UniqueNames _assignments = new();
    private readonly UniqueNames _variables = new(
        "resource_group_name", "location", "servicebus_namespace_name", "container_registry_name", "container_registry_resource_group_name",
        "workload_profile_type", "workload_profile_minimum_count", "workload_profile_maximum_count", "source", "version", "providers",
        "count", "for_each", "lifecycle", "depends_on", "locals");
    private readonly Dictionary<string, (string Description, bool IsSecret)> _parameters = new(StringComparer.Ordinal);

    public TerraformNames(JobDefinition job)
    {
        _job = job;
        Job = Names.Identifier(job.Name);
        Namespace = job.Namespace is not { } bus
            ? ""
            : $"{(bus.Existing is null ? "" : "data.")}azurerm_servicebus_namespace.{Names.Identifier(bus.Name)}";
    }

    /// <summary>The job's own label.</summary>
    public string Job { get; }

    /// <summary>The namespace's address.</summary>
    public string Namespace { get; }

    /// <summary>
    /// The address of the resource group that is deployed to. An existing namespace without a resource group of its own is in it.
    /// </summary>
    public string ResourceGroup => IsResourceGroupExisting ? "data.azurerm_resource_group.main" : "azurerm_resource_group.main";

    public bool IsResourceGroupExisting => _job.Namespace?.Existing is { ResourceGroup: null };

    /// <summary>The variables for parameters, secrets and outputs, in the order of their first use.</summary>
    public IEnumerable<(string Name, string Description, bool IsSecret)> Parameters =>
        _parameters.Select(parameter => (parameter.Key, parameter.Value.Description, parameter.Value.IsSecret));

    public string QueueLabel(string queue) => _queues.Of(queue.ToUpperInvariant(), Names.Identifier(queue));

    public string TopicLabel(string topic) => _topics.Of(topic.ToUpperInvariant(), Names.Identifier(topic));

    public string SubscriptionLabel(string topic, string subscription) =>
        _subscriptions.Of((topic, subscription), $"{Names.Identifier(topic)}_{Names.Identifier(subscription)}");

    public string RuleLabel(string topic, string subscription, string rule) =>
        _rules.Of((topic, subscription, rule), $"{SubscriptionLabel(topic, subscription)}_{Names.Identifier(rule.TrimStart('$'))}");

    public string IdentityLabel(string identity) => _identities.Of(identity, Names.Identifier(identity));

    public string AssignmentLabel(string identity, string verb, string scope) =>
        _assignments.Of((identity, verb, scope), $"{IdentityLabel(identity)}_{verb}{(scope.Length == 0 ? "" : "_")}{scope}");

    public string Queue(string queue) => $"azurerm_servicebus_queue.{QueueLabel(queue)}";

    public string Topic(string topic) => $"azurerm_servicebus_topic.{TopicLabel(topic)}";

    public string Subscription(string topic, string subscription) =>
        $"azurerm_servicebus_subscription.{SubscriptionLabel(topic, subscription)}";

    public string Identity(string identity) => $"azurerm_user_assigned_identity.{IdentityLabel(identity)}";

    /// <summary>The expression for an identity as a rule or registry wants it.</summary>
    public string IdentityId(string identity) =>
        identity == ScaleRuleDefinition.SystemIdentity ? Hcl.Text("System") : $"{Identity(identity)}.id";

    /// <summary>A secret's value: the namespace's own connection string for the trigger, variables for any other.</summary>
    public string SecretValue(JobSecret secret) => JobParts.IsConnection(_job, secret.Name)
        ? $"{Namespace}.default_primary_connection_string"
        : Hcl.Text(JobParts.Text(_job, secret.Value), Expression);

    public string Expression(DeployedValue value) => value switch
    {
        DeployedValue.NamespaceName => $"{Namespace}.name",
        DeployedValue.RegistryServer => "data.azurerm_container_registry.main.login_server",
        DeployedValue.ClientId(var identity) => $"{Identity(identity)}.client_id",
        DeployedValue.Parameter(var name) => Variable(value, Names.Identifier(name), $"Value of the parameter '{name}'."),
        DeployedValue.Secret(var name) =>
            Variable(value, $"secret_{Names.Identifier(name)}", $"Value of the secret '{name}'.", isSecret: true),
        DeployedValue.Output(var expression) => Variable(value, Names.Identifier(expression), $"Value of {expression} in the AppHost."),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    /// <summary>What a role is assigned on: a label for the assignment, and the resource's address.</summary>
    public (string Label, string Address) Scope(RoleScope scope) => scope switch
    {
        { Queue: { } queue } => (QueueLabel(queue), Queue(queue)),
        { Topic: { } topic, Subscription: { } subscription } => (SubscriptionLabel(topic, subscription), Subscription(topic, subscription)),
        { Topic: { } topic } => (TopicLabel(topic), Topic(topic)),
        _ => (Names.Identifier(_job.Namespace!.Name), Namespace),
    };

    /// <summary>
    /// An entity that messages are forwarded to: a reference where it is declared here, so that it is created first. Queues of an existing
    /// namespace may forward in a circle, which Terraform's references may not.
    /// </summary>
    /// <param name="queue">The queue that forwards; null: a subscription, which nothing forwards to.</param>
    /// <param name="entity">Where to.</param>
    public string? ForwardTarget(string? queue, string? entity) => entity switch
    {
        null => null,
        _ when queue is not null && _job.Forwards(entity, queue) => Hcl.Text(entity),
        _ when _job.Queues.Any(queue => IsNamed(queue.Name, entity)) => $"{Queue(entity)}.name",
        _ when _job.Topics.Any(topic => IsNamed(topic.Name, entity)) => $"{Topic(entity)}.name",
        _ => Hcl.Text(entity),
    };

    // Service Bus compares names case-insensitively.
    private static bool IsNamed(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private string Variable(DeployedValue value, string wanted, string description, bool isSecret = false)
    {
        var name = _variables.Of(value, wanted);
        _parameters.TryAdd(name, (description, isSecret));
        return $"var.{name}";
    }
}
