using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Tests.Scaling.Definitions;

/// <summary>Definitions that tests start from.</summary>
internal static class Samples
{
    /// <summary>
    /// The template's job, as the AppHost writes it: one queue in, results out, the scale rule by an identity of its own.
    /// </summary>
    public static JobDefinition Worker { get; } = new()
    {
        SchemaVersion = JobDefinition.CurrentSchemaVersion,
        Name = "worker",
        Image = "worker:latest",
        Execution = new(ReplicaTimeoutSeconds: 600, ReplicaRetryLimit: 1),
        Scale = new(MaxExecutions: 10),
        Trigger = new() { Queue = "jobs", Identity = "worker-scaler" },
        Namespace = new("messaging"),
        Queues =
        [
            new()
            {
                Name = "jobs",
                ConnectionName = "jobs",
                Access = [EntityAccess.Receive],
                LockDurationSeconds = 60,
                MaxDeliveryCount = 5,
            },
            new() { Name = "results", ConnectionName = "results", Access = [EntityAccess.Send], RequiresDuplicateDetection = true },
        ],
        Identities = [new("worker-identity", IdentityUse.Worker), new("worker-scaler", IdentityUse.ScaleRule)],
        Environment = new Dictionary<string, DefinedText>
        {
            ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
            ["JOBS_HOST"] = Reference("messaging.outputs.serviceBusHostName"),
            ["JOBS_URI"] = Reference("messaging.outputs.serviceBusEndpoint"),
            ["JOBS_QUEUENAME"] = "jobs",
            ["RESULTS_HOST"] = Reference("messaging.outputs.serviceBusHostName"),
            ["RESULTS_URI"] = Reference("messaging.outputs.serviceBusEndpoint"),
            ["RESULTS_QUEUENAME"] = "results",
            ["QueueJob__ReplicaTimeout"] = "00:10:00",
            ["QueueJob__MaxAttempts"] = "5",
            ["QueueJob__DuplicateDetection"] = "false",
        },
    };

    /// <summary>Everything else that can be declared: a subscription, a connection string, further rules, replicas side by side.</summary>
    public static JobDefinition Everything { get; } = new()
    {
        SchemaVersion = JobDefinition.CurrentSchemaVersion,
        Name = "order-mailer",
        Cloud = AzureCloud.China,
        Command = ["/bin/mailer", "order's"],
        Arguments = ["send", Joined("team=", new TextPart.Parameter("team"))],
        WorkloadProfile = "heavy",
        Resources = new(CpuCores: 1.25m, MemoryGi: 2.5m),
        Execution = new(ReplicaTimeoutSeconds: 3600, ReplicaRetryLimit: 2, Parallelism: 3, ReplicaCompletionCount: 2),
        Scale = new(PollingIntervalSeconds: 15, MinExecutions: 1, MaxExecutions: 20),
        Trigger = new(MessageCount: 50, ActivationMessageCount: 3)
        {
            RuleName = "orders",
            Topic = "orders",
            Subscription = "mail",
            ConnectionSecret = "messaging-connection",
        },
        FurtherTriggers = [new(MessageCount: 1) { RuleName = "returns", Queue = "bounced", Identity = "order-mailer-scaler" }],
        Rules =
        [
            new()
            {
                Name = "night",
                Type = "cron",
                Metadata = new Dictionary<string, DefinedText>
                {
                    ["timezone"] = "Europe/Berlin",
                    ["start"] = "0 2 * * *",
                    ["end"] = "30 2 * * *",
                    ["desiredReplicas"] = "1",
                },
            },
            new()
            {
                Name = "uploads",
                Type = "azure-queue",
                Metadata = new Dictionary<string, DefinedText>
                {
                    ["queueName"] = "uploads",
                    ["accountName"] = "acme's store",
                    ["endpointSuffix"] = Reference("store.outputs.suffix"),
                    ["queueLength"] = "5",
                },
                Identity = "order-mailer-scaler",
            },
            new()
            {
                Name = "postbox",
                Type = "rabbitmq",
                Metadata = new Dictionary<string, DefinedText> { ["queueName"] = "post", ["mode"] = "QueueLength", ["value"] = "20" },
                Auth = [new("host", "rabbit-host")],
            },
        ],
        Namespace =
            new("shop") { ConnectionName = "shop", FurtherConnectionNames = ["bus"], Access = [EntityAccess.Receive, EntityAccess.Send] },
        Queues =
        [
            new()
            {
                Name = "bounced",
                ConnectionName = "bounced",
                Access = [EntityAccess.Receive, EntityAccess.Send],
                LockDurationSeconds = 300,
                MaxDeliveryCount = 3,
                DefaultMessageTimeToLiveSeconds = 1209600,
                DeadLetteringOnMessageExpiration = true,
                RequiresDuplicateDetection = true,
                DuplicateDetectionHistoryTimeWindowSeconds = 5400,
                RequiresSession = false,
                ForwardDeadLetteredMessagesTo = "orders",
            },
            new() { Name = "intake", FurtherConnectionNames = ["door"], ForwardTo = "bounced" },
        ],
        Topics =
        [
            new()
            {
                Name = "orders",
                ConnectionName = "orders",
                Access = [EntityAccess.Send],
                DefaultMessageTimeToLiveSeconds = 86400,
                RequiresDuplicateDetection = true,
                DuplicateDetectionHistoryTimeWindowSeconds = 30.5m,
                Subscriptions =
                [
                    new()
                    {
                        Name = "mail",
                        ConnectionName = "mail",
                        Access = [EntityAccess.Receive],
                        LockDurationSeconds = 90,
                        DefaultMessageTimeToLiveSeconds = 3600,
                        DeadLetteringOnMessageExpiration = true,
                        RequiresSession = false,
                        ForwardDeadLetteredMessagesTo = "bounced",
                        Rules =
                        [
                            new()
                            {
                                Name = "large",
                                CorrelationFilter = new()
                                {
                                    CorrelationId = "c-1",
                                    MessageId = "m-1",
                                    To = "mail",
                                    ReplyTo = "answers",
                                    Subject = "order",
                                    SessionId = "s-1",
                                    ReplyToSessionId = "s-2",
                                    ContentType = "application/json",
                                    Properties = new Dictionary<string, string> { ["color"] = "red", ["size of it"] = "\"large\"" },
                                    RequiresPreprocessing = true,
                                },
                            },
                            new() { Name = "old", SqlFilter = "age > 7 AND kind = 'order'", Action = "SET sys.Label = 'old ${order}'" },
                        ],
                    },
                    new() { Name = "archive" },
                ],
            },
        ],
        Identities = [new("order-mailer", IdentityUse.Worker), new("order-mailer-scaler", IdentityUse.ScaleRule)],
        Environment = new Dictionary<string, DefinedText>
        {
            ["Greeting"] = "it's \"dear\" $USER, 100 % & more",
            ["QueueJob__ReplicaTimeout"] = "01:00:00",
            ["TEAM"] = Joined(new TextPart.Parameter("team")),
            ["STORE"] = Joined("https://", new TextPart.Reference("store.outputs.name"), "/in"),
            ["API_KEY"] = Joined(new TextPart.Secret("api-token")),
            ["LICENSE"] = Joined("key=", new TextPart.Secret("license"), ";team=", new TextPart.Parameter("team")),
        },
        Omitted = ["the worker's connection ConnectionStrings__cache to 'cache', which is not in the namespace 'shop'."],
    };

    /// <summary>A scheduled container with a command of its own, in an existing namespace.</summary>
    public static JobDefinition Report { get; } = new()
    {
        SchemaVersion = JobDefinition.CurrentSchemaVersion,
        Name = "report",
        TriggerType = JobTriggerType.Schedule,
        Schedule = "30 4 1 * *",
        Image = "ghcr.io/shop/report:2.1",
        Command = ["/bin/report"],
        Arguments = ["--currency", "EUR", "$(date) $$"],
        Execution = new(ReplicaTimeoutSeconds: 3000, ReplicaRetryLimit: 2),
        Namespace = new("shop") { Existing = new("shop-bus", "shop-group") },
        Queues = [new() { Name = "results", ConnectionName = "results", Access = [EntityAccess.Send] }],
        Identities = [new("report-identity", IdentityUse.Worker)],
        Environment = new Dictionary<string, DefinedText> { ["SINCE"] = "1 month" },
    };

    /// <summary>A manual job that has nothing to do with Service Bus.</summary>
    public static JobDefinition Migrate { get; } = new()
    {
        SchemaVersion = JobDefinition.CurrentSchemaVersion,
        Name = "migrate",
        Cloud = AzureCloud.UsGovernment,
        TriggerType = JobTriggerType.Manual,
        Arguments = ["up"],
        Execution = new(Parallelism: 2),
    };

    public static IReadOnlyList<JobDefinition> All { get; } = [Worker, Everything, Report, Migrate];

    private static DefinedText Reference(string expression) => new([new TextPart.Reference(expression)]);

    private static DefinedText Joined(params object[] parts) =>
        new(parts.Select(part => part as TextPart ?? new TextPart.Literal((string)part)));
}
