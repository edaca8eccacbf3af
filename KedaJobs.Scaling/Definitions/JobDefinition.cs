using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace KedaJobs.Scaling.Definitions;

/// <summary>What starts a job's executions. Source: Microsoft.App/jobs, <c>triggerType</c>.</summary>
[JsonConverter(typeof(CamelCaseEnum<JobTriggerType>))]
public enum JobTriggerType
{
    /// <summary>Scale rules: messages, and anything else that KEDA can read.</summary>
    Event,

    /// <summary>A schedule.</summary>
    Schedule,

    /// <summary>On demand only.</summary>
    Manual,
}

/// <summary>A job as it was declared, with readable names that include units. See docs/job-definition.md.</summary>
/// <remarks>
/// The AppHost writes it, and the planner reads it. It holds the names of secrets, never their values, and the names of values that are
/// known only after a deployment.
/// </remarks>
public sealed record JobDefinition
{
    /// <summary>The version of this shape that is written and read.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Where the JSON schema is, for editors; not used otherwise.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>The version of this shape: <see cref="CurrentSchemaVersion"/>.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>The job's name in Container Apps: at most 31 lowercase letters, digits and single '-', starting with a letter.</summary>
    public required string Name { get; init; }

    /// <summary>The Azure cloud. Null: the public one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public AzureCloud Cloud { get; init; }

    /// <summary>What starts executions. Left out in JSON: <see cref="JobTriggerType.Event"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JobTriggerType TriggerType { get; init; }

    /// <summary>For a scheduled job, when executions start: a cron expression with five fields, in UTC. Otherwise null.</summary>
    public string? Schedule { get; init; }

    /// <summary>A hint at the container image, for instance <c>worker:latest</c>. Null: <see cref="Name"/>, tag latest.</summary>
    public string? Image { get; init; }

    /// <summary>The container's command instead of the image's entry point. Null: the image's.</summary>
    public IReadOnlyList<DefinedText>? Command { get; init; }

    /// <summary>The arguments of the command. Null: those of the image.</summary>
    public IReadOnlyList<DefinedText>? Arguments { get; init; }

    /// <summary>The workload profile of the Container Apps environment. Null: the consumption profile.</summary>
    public string? WorkloadProfile { get; init; }

    /// <summary>What the workload profile consists of. Null: not declared, as of a profile of an existing environment.</summary>
    public WorkloadProfileDefinition? WorkloadProfileNodes { get; init; }

    /// <summary>The resources of each replica.</summary>
    public ResourcesDefinition Resources { get; init => field = value ?? new(); } = new();

    /// <summary>The settings of each execution.</summary>
    public ExecutionDefinition Execution { get; init => field = value ?? new(); } = new();

    /// <summary>
    /// For an event job, how often KEDA polls and how many executions are allowed. Otherwise
    /// Container Apps' defaults, which have no effect.
    /// </summary>
    [AllowNull]
    [JsonIgnore]
    public ScaleDefinition Scale
    {
        get => WrittenScale ?? new();
        init => WrittenScale = value;
    }

    /// <summary><see cref="Scale"/> as JSON has it: null where it is not given, and for jobs that nothing scales.</summary>
    [JsonInclude]
    [JsonPropertyName("scale")]
    internal ScaleDefinition? WrittenScale { get; init; }

    /// <summary>For an event job, the queue or subscription that starts executions. Otherwise null.</summary>
    public TriggerDefinition? Trigger { get; init; }

    /// <summary>Further queues and subscriptions that start executions, each with a rule name of its own. Null: none.</summary>
    public IReadOnlyList<TriggerDefinition>? FurtherTriggers { get; init; }

    /// <summary>Further scale rules of any KEDA scaler in addition to <see cref="Trigger"/>. Names are unique.</summary>
    public IReadOnlyList<ScaleRuleDefinition> Rules { get; init => field = value ?? []; } = [];

    /// <summary>The Service Bus namespace. Null for a scheduled or manual job that uses none.</summary>
    public NamespaceDefinition? Namespace { get; init; }

    /// <summary>The namespace's queues that the job uses.</summary>
    public IReadOnlyList<QueueDefinition> Queues { get; init => field = value ?? []; } = [];

    /// <summary>The namespace's topics that the job uses.</summary>
    public IReadOnlyList<TopicDefinition> Topics { get; init => field = value ?? []; } = [];

    /// <summary>The user-assigned managed identities of the job.</summary>
    public IReadOnlyList<IdentityDefinition> Identities { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Environment variables of the worker. Connections are not among them: they follow from <see cref="Namespace"/>, <see cref="Queues"/>
    /// and <see cref="Topics"/>. A variable with a secret in it is a secret of the job (see <see cref="JobSecret"/>).
    /// </summary>
    public IReadOnlyDictionary<string, DefinedText> Environment { get; init => field = value ?? new Dictionary<string, DefinedText>(); }
        = new Dictionary<string, DefinedText>();

    /// <summary>
    /// What is declared but cannot be expressed in this file, one sentence each. An exporter passes these sentences on. Null: nothing.
    /// </summary>
    public IReadOnlyList<string>? Omitted { get; init; }

    /// <summary>All triggers, the first one first, with the path of their field.</summary>
    internal IEnumerable<(string Field, TriggerDefinition Trigger)> Triggers =>
    [
        .. Trigger is null ? Array.Empty<(string, TriggerDefinition)>() : [("trigger", Trigger)],
        .. (FurtherTriggers ?? []).Select((trigger, index) => ($"furtherTriggers[{index}]", trigger)),
    ];

    /// <summary>
    /// Whether messages of a queue are forwarded to another, in one or more steps, as dead letters or otherwise. A queue reaches itself.
    /// </summary>
    /// <param name="queue">The queue that they are in. A name that no queue has reaches nothing else.</param>
    /// <param name="target">The queue that they would arrive in. Names are compared without regard to case, as in Service Bus.</param>
    public bool Forwards(string queue, string target)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var waiting = new Queue<string>([queue]);
        while (waiting.TryDequeue(out var name))
        {
            if (name.Equals(target, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (seen.Add(name) && Queues.FirstOrDefault(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } next)
            {
                foreach (var further in new[] { next.ForwardTo, next.ForwardDeadLetteredMessagesTo }.OfType<string>())
                {
                    waiting.Enqueue(further);
                }
            }
        }

        return false;
    }
}

/// <summary>What a workload profile consists of.</summary>
/// <param name="Type">The type of its nodes, for instance <c>D4</c>, or one of the Consumption types.</param>
/// <param name="MinimumCount">The minimum number of nodes. At least 0; null for the Consumption types.</param>
/// <param name="MaximumCount">The maximum number of nodes. At least 1; null for the Consumption types.</param>
public sealed record WorkloadProfileDefinition(string Type, int? MinimumCount = null, int? MaximumCount = null);

/// <summary>The resources of each replica.</summary>
/// <param name="CpuCores">Virtual CPUs. Above 0; the consumption profile requires 0.25 to 4 in steps of 0.25.</param>
/// <param name="MemoryGi">Memory in Gi. Above 0; the consumption profile requires twice <paramref name="CpuCores"/>.</param>
public sealed record ResourcesDefinition(decimal CpuCores = 0.5m, decimal MemoryGi = 1m);

/// <summary>The settings of each execution. Source: Microsoft.App/jobs, whose defaults these are.</summary>
/// <param name="ReplicaTimeoutSeconds">How long an execution may take before it is stopped and marked as failed. At least 1.</param>
/// <param name="ReplicaRetryLimit">How many times a failed replica is restarted. At least 0.</param>
/// <param name="Parallelism">Replicas that run in parallel. At least 1.</param>
/// <param name="ReplicaCompletionCount">Replicas that must exit with code 0. From 1 to <paramref name="Parallelism"/>.</param>
public sealed record ExecutionDefinition(
    int ReplicaTimeoutSeconds = 1800, int ReplicaRetryLimit = 0, int Parallelism = 1, int ReplicaCompletionCount = 1);

/// <summary>How often KEDA polls and how many executions are allowed. Source: Microsoft.App/jobs, whose defaults these are.</summary>
/// <param name="PollingIntervalSeconds">Seconds between two polls. At least 1.</param>
/// <param name="MinExecutions">Executions that are always kept. From 0 to <paramref name="MaxExecutions"/>.</param>
/// <param name="MaxExecutions">The maximum number of concurrent executions. At least 1.</param>
public sealed record ScaleDefinition(int PollingIntervalSeconds = 30, int MinExecutions = 0, int MaxExecutions = 100);

/// <summary>What starts executions: the active messages of a queue, or of a topic's subscription.</summary>
/// <param name="MessageCount">Messages that one execution should take. At least 1; KEDA's default.</param>
/// <param name="ActivationMessageCount">Executions start only above this many messages. At least 0.</param>
public sealed record TriggerDefinition(int MessageCount = 5, int ActivationMessageCount = 0)
{
    /// <summary>The scale rule's name. Null: the job's name. A further trigger always has one.</summary>
    public string? RuleName { get; init; }

    /// <summary>The queue, which is one of <see cref="JobDefinition.Queues"/>; or null for a subscription.</summary>
    public string? Queue { get; init; }

    /// <summary>The topic, which is one of <see cref="JobDefinition.Topics"/>; or null for a queue.</summary>
    public string? Topic { get; init; }

    /// <summary>The topic's subscription; or null for a queue.</summary>
    public string? Subscription { get; init; }

    /// <summary>
    /// The identity that reads the counts: one of <see cref="JobDefinition.Identities"/>; or null with <see cref="ConnectionSecret"/>.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>
    /// The name (never the value) of the secret that holds a connection string to read the counts
    /// with; or null with <see cref="Identity"/>.
    /// </summary>
    public string? ConnectionSecret { get; init; }
}

/// <summary>A further scale rule of any KEDA scaler.</summary>
public sealed record ScaleRuleDefinition
{
    /// <summary>The identity name that means the job's system-assigned identity.</summary>
    public const string SystemIdentity = "system";

    /// <summary>The rule's name.</summary>
    public required string Name { get; init; }

    /// <summary>The KEDA scaler, for instance <c>azure-queue</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The scaler's metadata. KEDA accepts strings only; names are case-sensitive.</summary>
    public IReadOnlyDictionary<string, DefinedText> Metadata { get; init => field = value ?? new Dictionary<string, DefinedText>(); }
        = new Dictionary<string, DefinedText>();

    /// <summary>
    /// The identity the scaler signs in with: one of <see cref="JobDefinition.Identities"/> or <see cref="SystemIdentity"/>; or null with
    /// <see cref="Auth"/> or where it needs none.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>Trigger parameters whose values are secrets. Empty with <see cref="Identity"/>.</summary>
    public IReadOnlyList<ScaleRuleSecret> Auth { get; init => field = value ?? []; } = [];
}

/// <summary>A trigger parameter whose value is a secret.</summary>
/// <param name="TriggerParameter">The scaler's parameter, for instance <c>connection</c>.</param>
/// <param name="SecretRef">The name (never the value) of the job's secret.</param>
public sealed record ScaleRuleSecret(string TriggerParameter, string SecretRef);

/// <summary>The Service Bus namespace.</summary>
/// <param name="Name">The resource's name in the AppHost. The name in Azure is given at deployment, or in <see cref="Existing"/>.</param>
public sealed record NamespaceDefinition(string Name)
{
    /// <summary>
    /// The worker's connection name for the namespace as a whole: <c>ConnectionStrings__NAME</c> in its environment. Null: the worker
    /// refers to individual entities only.
    /// </summary>
    public string? ConnectionName { get; init; }

    /// <summary>Further names of the same connection. Null: none.</summary>
    public IReadOnlyList<string>? FurtherConnectionNames { get; init; }

    /// <summary>What the worker does with any entity through that connection.</summary>
    public IReadOnlyList<EntityAccess> Access { get; init => field = value ?? []; } = [];

    /// <summary>The existing namespace in which the entities are created. Null: the namespace is created.</summary>
    public ExistingNamespaceDefinition? Existing { get; init; }
}

/// <summary>A namespace that already exists.</summary>
/// <param name="Name">Its name in Azure.</param>
/// <param name="ResourceGroup">Its resource group. Null: the one that is deployed to.</param>
public sealed record ExistingNamespaceDefinition(DefinedText Name, DefinedText? ResourceGroup = null);

/// <summary>A user-assigned managed identity of the job.</summary>
/// <param name="Name">Its name in the AppHost.</param>
/// <param name="Use">Who signs in with it.</param>
public sealed record IdentityDefinition(string Name, IdentityUse Use);
