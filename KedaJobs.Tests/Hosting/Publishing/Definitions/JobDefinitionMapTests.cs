using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Publishing.Definitions;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;
using static KedaJobs.Tests.Hosting.Publishing.Definitions.Defined;

namespace KedaJobs.Tests.Hosting.Publishing.Definitions;

/// <summary>Small models published, and the definitions that come of them.</summary>
public class JobDefinitionMapTests
{
    [Fact]
    public async Task Every_option_is_taken_over()
    {
        var definition = await DefineAsync((builder, messaging) =>
            builder.AddProject<SampleProjects.Job>("Worker", launchProfileName: null).WithReference(messaging.AddServiceBusQueue("jobs"))
                .AsEventJob(Queue(builder, "jobs"), job =>
                {
                    job.MessageCount = 7;
                    job.ActivationMessageCount = 2;
                    job.MinExecutions = 1;
                    job.MaxExecutions = 9;
                    job.PollingInterval = TimeSpan.FromSeconds(45);
                    job.ReplicaTimeout = TimeSpan.FromMinutes(7);
                    job.ReplicaRetryLimit = 3;
                    job.Parallelism = 4;
                    job.ReplicaCompletionCount = 2;
                    job.Cpu = 1.25m;
                    job.MemoryGi = 2.5m;
                    job.MessageBudget = 20;
                })
                .WithJobLibrary());

        Assert.Equal("worker", definition.Name);
        Assert.Equal(new ResourcesDefinition(1.25m, 2.5m), definition.Resources);
        Assert.Equal(new ExecutionDefinition(420, 3, 4, 2), definition.Execution);
        Assert.Equal(new ScaleDefinition(45, 1, 9), definition.Scale);
        Assert.Equal(new TriggerDefinition(7, 2) { Queue = "jobs", Identity = "Worker-scaler" }, definition.Trigger);
        Assert.Equal("20", definition.Environment["QueueJob__MessageBudget"]);
    }

    [Fact]
    public async Task Entities_are_those_of_the_job_with_their_declared_properties()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var orders = messaging.AddServiceBusTopic("orders", "shop.orders").WithProperties(topic =>
            {
                topic.DefaultMessageTimeToLive = TimeSpan.FromDays(1);
                topic.RequiresDuplicateDetection = true;
                topic.DuplicateDetectionHistoryTimeWindow = TimeSpan.FromSeconds(30.5);
            });
            var mail = orders.AddServiceBusSubscription("mail", "for-mail").WithProperties(subscription =>
            {
                subscription.LockDuration = TimeSpan.FromSeconds(90);
                subscription.MaxDeliveryCount = 3;
                subscription.DefaultMessageTimeToLive = TimeSpan.FromHours(1);
                subscription.DeadLetteringOnMessageExpiration = true;
                subscription.RequiresSession = false;
                subscription.ForwardDeadLetteredMessagesTo = "Bounced";
            });
            orders.AddServiceBusSubscription("archive");
            messaging.AddServiceBusQueue("bounced").WithProperties(queue => queue.ForwardTo = "attic");
            messaging.AddServiceBusQueue("attic");
            messaging.AddServiceBusQueue("somebody-elses");
            var results = messaging.AddServiceBusQueue("results");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(mail).WithReference(orders).WithReference(results, "answers").AsEventJob(mail);
        });

        Assert.Equal(
            new TriggerDefinition { Topic = "shop.orders", Subscription = "for-mail", Identity = "worker-scaler" }, definition.Trigger);
        AssertSame(
            [
                new() { Name = "bounced", ForwardTo = "attic" },
                new() { Name = "attic" },
                new() { Name = "results", ConnectionName = "answers", Access = [EntityAccess.Send] },
            ],
            definition.Queues.OrderBy(queue => queue.Name switch { "bounced" => 0, "attic" => 1, _ => 2 }).ToList());
        AssertSame(
            [
                new()
                {
                    Name = "shop.orders",
                    ConnectionName = "orders",
                    Access = [EntityAccess.Send],
                    DefaultMessageTimeToLiveSeconds = 86400,
                    RequiresDuplicateDetection = true,
                    DuplicateDetectionHistoryTimeWindowSeconds = 30.5m,
                    Subscriptions =
                    [
                        new()
                        {
                            Name = "for-mail",
                            ConnectionName = "mail",
                            Access = [EntityAccess.Receive],
                            LockDurationSeconds = 90,
                            MaxDeliveryCount = 3,
                            DefaultMessageTimeToLiveSeconds = 3600,
                            DeadLetteringOnMessageExpiration = true,
                            RequiresSession = false,
                            ForwardDeadLetteredMessagesTo = "Bounced",
                        },
                    ],
                },
            ],
            definition.Topics);
    }

    public static TheoryData<string, EntityAccess[], EntityAccess[]> Roles => new()
    {
        { "none given", [EntityAccess.Receive], [EntityAccess.Send] },
        { "owner", [EntityAccess.Receive, EntityAccess.Send], [EntityAccess.Receive, EntityAccess.Send] },
        { "receiver", [EntityAccess.Receive], [EntityAccess.Receive] },
        { "sender", [], [EntityAccess.Send] },
    };

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Access_follows_the_workers_roles_whenever_they_are_given(
        string roles, EntityAccess[] onTrigger, EntityAccess[] onOther)
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var worker = builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs")).WithReference(messaging.AddServiceBusQueue("results"))
                .AsEventJob(Queue(builder, "jobs"));
            switch (roles)
            {
                case "owner":
                    worker.WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataOwner);
                    break;
                case "receiver":
                    worker.WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataReceiver);
                    break;
                case "sender":
                    worker.WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataSender);
                    break;
            }
        });

        Assert.Equal([onTrigger, onOther], definition.Queues.Select(queue => queue.Access));
    }

    [Fact]
    public async Task Reference_to_the_namespace_is_a_connection_of_its_own()
    {
        var definition = await DefineAsync((builder, messaging) =>
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(messaging)
                .AsEventJob(messaging.AddServiceBusQueue("jobs")));

        Assert.Equal("messaging", definition.Namespace!.ConnectionName);
        Assert.Equal([EntityAccess.Receive, EntityAccess.Send], definition.Namespace!.Access);
        AssertSame([new() { Name = "jobs" }], definition.Queues);
    }

    [Fact]
    public async Task Rules_identities_and_secrets_are_named()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var shared = builder.AddAzureUserAssignedIdentity("shared");
            var host = builder.AddParameter("Rabbit-Host", secret: true);
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs"))
                .AsEventJob(Queue(builder, "jobs"))
                .WithScaleRule("night", "cron", new Dictionary<string, string>
                {
                    ["timezone"] = "Europe/Berlin",
                    ["start"] = "0 2 * * *",
                    ["end"] = "0 3 * * *",
                    ["desiredReplicas"] = "1",
                })
                .WithScaleRule("uploads", "azure-queue", new Dictionary<string, string> { ["queueName"] = "uploads" }, shared)
                .WithScaleRule("postbox", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "post" }, host, "host")
                .WithScalerConnection(builder.AddParameter("bus-connection", secret: true));
        });

        Assert.Equal(new TriggerDefinition { Queue = "jobs", ConnectionSecret = "bus-connection" }, definition.Trigger);
        AssertSame(
            [
                new() { Name = "night", Type = "cron", Metadata = new Dictionary<string, DefinedText>
                {
                    ["timezone"] = "Europe/Berlin",
                    ["start"] = "0 2 * * *",
                    ["end"] = "0 3 * * *",
                    ["desiredReplicas"] = "1",
                } },
                new()
                {
                    Name = "uploads",
                    Type = "azure-queue",
                    Metadata = new Dictionary<string, DefinedText> { ["queueName"] = "uploads" },
                    Identity = "shared",
                },
                new()
                {
                    Name = "postbox",
                    Type = "rabbitmq",
                    Metadata = new Dictionary<string, DefinedText> { ["queueName"] = "post" },
                    Auth = [new("host", "rabbit-host")],
                },
            ],
            definition.Rules);
        Assert.Equal([new("worker-identity", IdentityUse.Worker), new("shared", IdentityUse.ScaleRule)], definition.Identities);
    }

    [Fact]
    public async Task Further_triggers_are_taken_over_and_those_of_another_namespace_are_rules()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var urgent = messaging.AddServiceBusQueue("urgent", "urgent-jobs");
            var far = builder.AddAzureServiceBus("other").AddServiceBusQueue("far");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs")).WithReference(urgent).WithReference(far)
                .AsEventJob(Queue(builder, "jobs"), job => job.MessageCount = 7)
                .WithTrigger(urgent, activationMessageCount: 3)
                .WithTrigger(far, messageCount: 1);
        });

        Assert.Equal(
            [new TriggerDefinition(7, 3) { RuleName = "urgent", Queue = "urgent-jobs", Identity = "worker-scaler" }],
            definition.FurtherTriggers);
        AssertSame(
            [
                new()
                {
                    Name = "far",
                    Type = "azure-servicebus",
                    Metadata = new Dictionary<string, DefinedText>
                    {
                        ["queueName"] = "far",
                        ["namespace"] = new([new TextPart.Reference("other.outputs.name")]),
                        ["messageCount"] = "1",
                        ["activationMessageCount"] = "0",
                    },
                    Identity = "worker-scaler",
                },
            ],
            definition.Rules);
        Assert.Equal(
            new([
                new TextPart.Literal("Endpoint="),
                new TextPart.Reference("other.outputs.serviceBusEndpoint"),
                new TextPart.Literal(";EntityPath=far"),
            ]),
            definition.Environment["ConnectionStrings__far"]);
        Assert.Equal(["'far' of another namespace, 'other', and role assignments there."], definition.Omitted);
        Assert.Equal(["urgent-jobs", "jobs"], definition.Queues.Select(queue => queue.Name));
        Assert.All(definition.Queues, queue => Assert.Equal([EntityAccess.Receive], queue.Access));
    }

    [Fact]
    public async Task Workers_own_identity_is_not_hidden_from_it()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var shared = builder.AddAzureUserAssignedIdentity("shared");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs")).WithAzureUserAssignedIdentity(shared)
                .AsEventJob(Queue(builder, "jobs")).WithScalerIdentity(shared);
        });

        Assert.Equal("shared", definition.Trigger!.Identity);
        Assert.Equal([new("shared", IdentityUse.Worker)], definition.Identities);
    }

    [Fact]
    public async Task Environment_names_parameters_and_references_and_holds_no_value_of_them()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var secret = builder.AddParameter("api-key", "the-secret-value", secret: true);
            var plain = builder.AddParameter("team", "the-plain-value");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs"))
                .WithReference(builder.AddConnectionString("shop-database"))
                .WithEnvironment("TEXT", "as it stands")
                .WithEnvironment("NUMBER", "2")
                .WithEnvironment("SECRET", secret)
                .WithEnvironment("PLAIN", plain)
                .WithEnvironment("MIXED", ReferenceExpression.Create($"key={secret};"))
                .AsEventJob(Queue(builder, "jobs"));
        });

        Assert.Equal(
            new Dictionary<string, DefinedText>
            {
                ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
                ["JOBS_HOST"] = new([new TextPart.Reference("messaging.outputs.serviceBusHostName")]),
                ["JOBS_URI"] = new([new TextPart.Reference("messaging.outputs.serviceBusEndpoint")]),
                ["JOBS_QUEUENAME"] = "jobs",
                ["ConnectionStrings__shop-database"] = new([new TextPart.Secret("shop-database")]),
                ["ConnectionStrings__shop_database"] = new([new TextPart.Secret("shop-database")]),
                ["TEXT"] = "as it stands",
                ["NUMBER"] = "2",
                ["SECRET"] = new([new TextPart.Secret("api-key")]),
                ["PLAIN"] = new([new TextPart.Parameter("team")]),
                ["MIXED"] = new([new TextPart.Literal("key="), new TextPart.Secret("api-key"), new TextPart.Literal(";")]),
            },
            definition.Environment);
        Assert.DoesNotContain("the-plain-value", JobDefinitionFile.Write(definition), StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret-value", JobDefinitionFile.Write(definition), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_and_command_are_taken_over()
    {
        var definition = await DefineAsync((builder, _) => builder.AddContainer("worker", "ghcr.io/shop/worker", "7")
            .WithEntrypoint("/bin/work").WithArgs("--fast", ReferenceExpression.Create($"--team={builder.AddParameter("team")}"))
            .AsScheduledJob("0 3 * * *"));

        Assert.Equal("ghcr.io/shop/worker:7", definition.Image);
        Assert.Equal(["/bin/work"], definition.Command!);
        Assert.Equal(["--fast", new([new TextPart.Literal("--team="), new TextPart.Parameter("team")])], definition.Arguments!);
    }

    [Fact]
    public async Task Scheduled_and_manual_jobs_have_definitions()
    {
        var scheduled = await DefineAsync((builder, messaging) => builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .WithReference(messaging.AddServiceBusQueue("results"))
            .AsScheduledJob("0 3 * * *", job => (job.WorkloadProfile, job.Cloud) = ("heavy", AzureCloud.China)));
        var manual = await DefineAsync(
            (builder, _) => builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).AsManualJob());

        Assert.Equal(
            (JobTriggerType.Schedule, "0 3 * * *", "heavy", AzureCloud.China),
            (scheduled.TriggerType, scheduled.Schedule, scheduled.WorkloadProfile, scheduled.Cloud));
        AssertSame([new() { Name = "results", ConnectionName = "results", Access = [EntityAccess.Send] }], scheduled.Queues);
        Assert.Equal((JobTriggerType.Manual, null, null), (manual.TriggerType, manual.Schedule, manual.Namespace));
        Assert.DoesNotContain("scale", JobDefinitionFile.Write(manual), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Container Apps would keep one value for both variables, and nobody would be told.</summary>
    [Fact]
    public async Task Two_secrets_of_one_name_are_refused()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => DefineAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs)
                .WithEnvironment("API_KEY", builder.AddParameter("first", secret: true))
                .WithEnvironment("Api_Key", builder.AddParameter("second", secret: true))
                .AsEventJob(jobs);
        }));

        Assert.Contains("KJ039", error.Message, StringComparison.Ordinal);

        // The definition does not lean on the check.
        var secrets = new Dictionary<string, DefinedText> { ["API_KEY"] = Secret("first"), ["Api_Key"] = Secret("second") };
        var alone = Assert.Throws<JobDeclarationException>(() => new DefinedSecrets("worker", secrets));
        Assert.Equal(
            "API_KEY and Api_Key of 'worker' are both stored as the secret 'api-key', with two values. Rename one of the variables.",
            alone.Message);

        static DefinedText Secret(string name) => new([new TextPart.Secret(name)]);
    }

    [Fact]
    public async Task References_of_rules_are_named()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            var far = builder.AddAzureServiceBus("other");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs)
                .WithScaleRule("far", "azure-servicebus", new ScaleRuleMetadata
                {
                    { "queueName", "far" },
                    { "namespace", far.Resource.NameOutputReference },
                    { "messageCount", builder.AddParameter("count") },
                }, builder.AddAzureUserAssignedIdentity("reader"));
        });

        Assert.Equal(
            new Dictionary<string, DefinedText>
            {
                ["queueName"] = "far",
                ["namespace"] = new([new TextPart.Reference("other.outputs.name")]),
                ["messageCount"] = new([new TextPart.Parameter("count")]),
            },
            definition.Rules[0].Metadata);
    }

    [Fact]
    public async Task Rules_secret_has_the_name_of_the_published_one()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var jobs = builder.AddAzureServiceBus("messaging").AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs)
                .WithEnvironment("API_KEY", builder.AddParameter("token", secret: true))
                .WithEnvironment("SHARED_KEY", builder.AddParameter("shared-key", secret: true))
                .AsEventJob(jobs)
                .WithScaleRule(
                    "a", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "a" }, builder.AddParameter("api-key", secret: true),
                    "host")
                .WithScaleRule(
                    "b", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "b" },
                    builder.CreateResourceBuilder<ParameterResource>("shared-key"), "host");
        });

        var definition = JobDefinitionFile.Read(published.JobDefinition("worker"));

        var names = definition.Rules.Select(rule => rule.Auth[0].SecretRef).ToList();
        Assert.Equal(["api-key-scaler", "shared-key"], names);
        Assert.All(
            names, name => Assert.Contains($"secretRef: '{name}'", published.Module("worker-containerapp"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_job_has_a_file_of_its_own()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var messaging = builder.AddAzureServiceBus("messaging");
            foreach (var name in (string[])["first", "second"])
            {
                var queue = messaging.AddServiceBusQueue($"{name}-jobs");
                builder.AddProject<SampleProjects.Job>(name, launchProfileName: null).WithReference(queue).AsEventJob(queue);
            }
        });

        Assert.Equal("first-jobs", JobDefinitionFile.Read(published.JobDefinition("first")).Trigger!.Queue);
        Assert.Equal("second-jobs", JobDefinitionFile.Read(published.JobDefinition("second")).Trigger!.Queue);
    }
}
