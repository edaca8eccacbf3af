using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing.Definitions;

/// <summary>Small models published, and the definitions that come of them.</summary>
public class JobDefinitionMapTests
{
    [Fact]
    public async Task EveryOption_IsTakenOver()
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
    public async Task Entities_AreThoseOfTheJob_WithTheirDeclaredProperties()
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

        Assert.Equal(new TriggerDefinition { Topic = "shop.orders", Subscription = "for-mail", Identity = "worker-scaler" }, definition.Trigger);
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
    public async Task Access_FollowsTheWorkersRoles_WheneverTheyAreGiven(string roles, EntityAccess[] onTrigger, EntityAccess[] onOther)
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
    public async Task ReferenceToTheNamespace_IsAConnectionOfItsOwn()
    {
        var definition = await DefineAsync((builder, messaging) =>
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(messaging)
                .AsEventJob(messaging.AddServiceBusQueue("jobs")));

        Assert.Equal("messaging", definition.Namespace.ConnectionName);
        Assert.Equal([EntityAccess.Receive, EntityAccess.Send], definition.Namespace.Access);
        AssertSame([new() { Name = "jobs" }], definition.Queues);
    }

    [Fact]
    public async Task RulesIdentitiesAndSecrets_AreNamed()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var shared = builder.AddAzureUserAssignedIdentity("shared");
            var host = builder.AddParameter("Rabbit-Host", secret: true);
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs"))
                .AsEventJob(Queue(builder, "jobs"))
                .WithScaleRule("night", "cron", new Dictionary<string, string> { ["timezone"] = "Europe/Berlin", ["start"] = "0 2 * * *", ["end"] = "0 3 * * *", ["desiredReplicas"] = "1" })
                .WithScaleRule("uploads", "azure-queue", new Dictionary<string, string> { ["queueName"] = "uploads" }, shared)
                .WithScaleRule("postbox", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "post" }, host, "host")
                .WithScalerConnection(builder.AddParameter("bus-connection", secret: true));
        });

        Assert.Equal(new TriggerDefinition { Queue = "jobs", ConnectionSecret = "bus-connection" }, definition.Trigger);
        AssertSame(
            [
                new() { Name = "night", Type = "cron", Metadata = new Dictionary<string, string> { ["timezone"] = "Europe/Berlin", ["start"] = "0 2 * * *", ["end"] = "0 3 * * *", ["desiredReplicas"] = "1" } },
                new() { Name = "uploads", Type = "azure-queue", Metadata = new Dictionary<string, string> { ["queueName"] = "uploads" }, Identity = "shared" },
                new()
                {
                    Name = "postbox",
                    Type = "rabbitmq",
                    Metadata = new Dictionary<string, string> { ["queueName"] = "post" },
                    Auth = [new("host", "rabbit-host")],
                },
            ],
            definition.Rules);
        Assert.Equal([new("worker-identity", IdentityUse.Worker), new("shared", IdentityUse.ScaleRule)], definition.Identities);
    }

    [Fact]
    public async Task FurtherTriggers_AreTakenOver_AndWhatIsOfAnotherNamespaceIsNamed()
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

        Assert.Equal([new TriggerDefinition(7, 3) { RuleName = "urgent", Queue = "urgent-jobs", Identity = "worker-scaler" }], definition.FurtherTriggers);
        Assert.Equal(
            [
                "the trigger 'far', which counts 'far' of another namespace, 'other'.",
                "the worker's connection ConnectionStrings__far to 'far', which is not in the namespace 'messaging'.",
            ],
            definition.Omitted);
        Assert.Equal(["jobs", "urgent-jobs"], definition.Queues.Select(queue => queue.Name));
        Assert.All(definition.Queues, queue => Assert.Equal([EntityAccess.Receive], queue.Access));
    }

    [Fact]
    public async Task WorkersOwnIdentity_IsNotHiddenFromIt()
    {
        var definition = await DefineAsync((builder, messaging) =>
        {
            var shared = builder.AddAzureUserAssignedIdentity("shared");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs")).WithAzureUserAssignedIdentity(shared)
                .AsEventJob(Queue(builder, "jobs")).WithScalerIdentity(shared);
        });

        Assert.Equal("shared", definition.Trigger.Identity);
        Assert.Equal([new("shared", IdentityUse.Worker)], definition.Identities);
    }

    [Fact]
    public async Task Environment_HoldsOnlyWhatTheDeclarationWritesOut()
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
                .WithEnvironment("MIXED", ReferenceExpression.Create($"key={secret}"))
                .AsEventJob(Queue(builder, "jobs"));
        });

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
                ["JOBS_QUEUENAME"] = "jobs",
                ["TEXT"] = "as it stands",
                ["NUMBER"] = "2",
            },
            definition.Environment);
        Assert.DoesNotContain("the-secret-value", JobDefinitionFile.Write(definition), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachJob_HasAFileOfItsOwn()
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

        Assert.Equal("first-jobs", JobDefinitionFile.Read(published.JobDefinition("first")).Trigger.Queue);
        Assert.Equal("second-jobs", JobDefinitionFile.Read(published.JobDefinition("second")).Trigger.Queue);
    }

    private static async Task<JobDefinition> DefineAsync(Action<IDistributedApplicationBuilder, IResourceBuilder<AzureServiceBusResource>> declare)
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            declare(builder, builder.AddAzureServiceBus("messaging"));
        });

        // Reading it back refuses what the planner would refuse.
        return JobDefinitionFile.Read(published.JobDefinition("worker"));
    }

    private static IResourceBuilder<AzureServiceBusQueueResource> Queue(IDistributedApplicationBuilder builder, string name) =>
        builder.CreateResourceBuilder<AzureServiceBusQueueResource>(name);

    // Records compare their lists by reference; the same objects in JSON are the same.
    private static void AssertSame<T>(IReadOnlyList<T> expected, IReadOnlyList<T> actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
}
