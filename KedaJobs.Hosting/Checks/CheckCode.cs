namespace KedaJobs.Hosting.Checks;

/// <summary>The code of a finding, with its meaning. The table in docs/diagnostics.md is tested against these.</summary>
internal sealed record CheckCode(string Id, CheckSeverity Severity, string Title)
{
    public static readonly CheckCode JobName = Error("KJ001", "Container Apps does not accept the job's name");
    public static readonly CheckCode QueueShared = Error("KJ002", "two triggers are the same queue");
    public static readonly CheckCode MessageCount = Error("KJ003", "messageCount is below 1");
    public static readonly CheckCode ExecutionLimits = Error("KJ004", "the execution limits contradict each other");
    public static readonly CheckCode PollingInterval = Error("KJ005", "the polling interval is not a whole number of seconds, at least 1");
    public static readonly CheckCode TimeoutBelowLock = Warning("KJ006", "the replica timeout is shorter than the queue's lock duration");
    public static readonly CheckCode TimeoutBelowBudget = Error("KJ007", "the replica timeout leaves no room for the worker's time budget");
    public static readonly CheckCode Sessions = Warning("KJ008", "the scale rule counts messages, not sessions");
    public static readonly CheckCode EndlessRetries = Warning("KJ009", "a message that always fails is retried almost endlessly");
    public static readonly CheckCode ForeignQueue = Error("KJ010", "the queue belongs to another namespace than the worker's reference");
    public static readonly CheckCode MissingReference = Error("KJ011", "the worker has no reference to the queue that triggers it");
    public static readonly CheckCode CpuMemory = Error("KJ012", "Container Apps does not accept this combination of CPU and memory");
    public static readonly CheckCode Activation = Error("KJ013", "activationMessageCount is negative");
    public static readonly CheckCode StuckMessages = Warning("KJ014", "messages up to the activation count are never handled");
    public static readonly CheckCode Replicas = Error("KJ015", "parallelism, completion count or retry limit is out of range");
    public static readonly CheckCode ReplicaTimeout = Error("KJ016", "the replica timeout is not a whole number of seconds, at least 1");
    public static readonly CheckCode SilentExpiry = Warning("KJ017", "expired messages vanish without a trace");
    public static readonly CheckCode EntityName = Error(
        "KJ018", "Service Bus does not accept the name of the queue, topic or subscription");
    public static readonly CheckCode EntityRange = Error(
        "KJ019", "a property of the queue or subscription is out of the range that Service Bus allows");
    public static readonly CheckCode ScaleRule = Error("KJ020", "a scale rule is incomplete or contradicts itself");
    public static readonly CheckCode MessageBudget = Error("KJ021", "the message budget is below 1");
    public static readonly CheckCode ScaleRuleName = Error("KJ022", "two scale rules of one job have the same name, or a name is invalid");
    public static readonly CheckCode FilterValue = Error("KJ023", "a correlation filter compares with something that is not text");
    public static readonly CheckCode Schedule = Error("KJ024", "Container Apps does not accept the schedule");
    public static readonly CheckCode RuleInAzureOnly = Warning("KJ025", "a scale rule applies in Azure only");
    public static readonly CheckCode RuleSharesQueue = Warning("KJ026", "a scale rule counts a queue that triggers a job");
    public static readonly CheckCode TwoBrokers = Error("KJ027", "a namespace is configured to run on more than one broker");
    public static readonly CheckCode PortShared = Error("KJ028", "two namespaces are configured to listen on the same port");
    public static readonly CheckCode EndlessWait = Error("KJ029", "a resource waits for something that never happens");
    public static readonly CheckCode TriggerForwards = Error("KJ030", "the queue that triggers the job forwards its messages");
    public static readonly CheckCode ForwardTarget = Error("KJ031", "messages are forwarded to an entity that is not declared");
    public static readonly CheckCode Filter = Error("KJ032", "a subscription's rule has a filter that cannot be published");
    public static readonly CheckCode PublishedOtherwise = Error("KJ033", "a job is published as a job of another kind");
    public static readonly CheckCode NoDockerfile = Error("KJ034", "an executable has no Dockerfile to be published with");

    public static readonly CheckCode WorkloadProfile = Warning(
        "KJ035", "the job's workload profile is not declared, or its size is not known");
    public static readonly CheckCode UnknownMetadata = Warning(
        "KJ036", "a scale rule has an unknown type or unknown metadata");
    public static readonly CheckCode PlainSecret = Error("KJ037", "a parameter that is not marked secret is used as a secret");
    public static readonly CheckCode PublishedSecret = Error("KJ038", "a scale rule's metadata holds a secret");
    public static readonly CheckCode SecretNames = Error("KJ039", "two secrets of a job have the same name in Azure");
    public static readonly CheckCode ForwardCircle = Error("KJ040", "queues and subscriptions forward to each other in a circle");
    public static readonly CheckCode SecretArgument = Warning("KJ041", "an argument of a job holds a secret");
    public static readonly CheckCode PublicCloud = Warning(
        "KJ042", "a scale rule uses the public cloud, but the job is published to another one");
    public static readonly CheckCode UnusedBudget = Warning("KJ043", "a budget has no effect without the job library");

    public static IReadOnlyList<CheckCode> All { get; } =
    [
        JobName, QueueShared, MessageCount, ExecutionLimits, PollingInterval, TimeoutBelowLock, TimeoutBelowBudget, Sessions,
        EndlessRetries, ForeignQueue, MissingReference, CpuMemory, Activation, StuckMessages, Replicas, ReplicaTimeout, SilentExpiry,
        EntityName, EntityRange, ScaleRule, MessageBudget, ScaleRuleName, FilterValue, Schedule, RuleInAzureOnly, RuleSharesQueue,
        TwoBrokers, PortShared, EndlessWait, TriggerForwards, ForwardTarget, Filter, PublishedOtherwise, NoDockerfile, WorkloadProfile,
        UnknownMetadata, PlainSecret, PublishedSecret, SecretNames, ForwardCircle, SecretArgument, PublicCloud, UnusedBudget,
    ];

    private static CheckCode Error(string id, string title) => new(id, CheckSeverity.Error, title);

    private static CheckCode Warning(string id, string title) => new(id, CheckSeverity.Warning, title);
}
