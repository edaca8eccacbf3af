using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>
/// An AppHost that uses everything that can be declared at once: what is declared here must be found in whatever is
/// published and exported, or be named as left out. Namespaces, queues and topics have other names in Azure than in the
/// AppHost, so that taking one for the other shows.
/// </summary>
public sealed class EverythingDeclared : PublishFixture
{
    public const AzureCloud Cloud = AzureCloud.UsGovernment;

    protected override void DeclareAll(IDistributedApplicationBuilder builder) => Declare(builder);

    internal static void Declare(IDistributedApplicationBuilder builder)
    {
        builder.AddAzureContainerAppEnvironment("env").WithWorkloadProfile("heavy", "D4", maximumNodes: 3);

        // An existing namespace.
        var shop = builder.AddAzureServiceBus("shop")
            .PublishAsExisting(builder.AddParameter("shop-name"), builder.AddParameter("shop-group"));

        // Forwarding, also of dead letters, to entities that are declared later.
        var jobs = shop.AddServiceBusQueue("jobs", "shop-jobs").WithProperties(queue =>
        {
            queue.LockDuration = TimeSpan.FromMinutes(1);
            queue.MaxDeliveryCount = 5;
            queue.ForwardDeadLetteredMessagesTo = "shop-attic";
        });
        shop.AddServiceBusQueue("intake", "shop-intake").WithProperties(queue => queue.ForwardTo = "shop-jobs");
        shop.AddServiceBusQueue("attic", "shop-attic").WithProperties(queue =>
        {
            queue.DefaultMessageTimeToLive = TimeSpan.FromDays(14);
            queue.DeadLetteringOnMessageExpiration = true;
        });
        var urgent = shop.AddServiceBusQueue("urgent", "shop-urgent");
        var results = shop.AddServiceBusQueue("results", "shop-results").WithProperties(queue =>
        {
            queue.RequiresDuplicateDetection = true;
            queue.DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(20);
        });

        // A topic with filters.
        var events = shop.AddServiceBusTopic("events", "shop.events")
            .WithProperties(topic => topic.DefaultMessageTimeToLive = TimeSpan.FromDays(1));
        var refunds = events.AddServiceBusSubscription("refunds", "for-refunds").WithProperties(subscription =>
        {
            subscription.MaxDeliveryCount = 3;
            subscription.Rules.Add(new AzureServiceBusRule("large")
            {
                CorrelationFilter = new() { Subject = "refund", ContentType = "application/json", Properties = { ["size"] = "large" } },
            });
            subscription.Rules.Add(new AzureServiceBusRule("manual") { CorrelationFilter = new() { CorrelationId = "manual" } });
        });
        events.AddServiceBusSubscription("orders", "for-jobs").WithProperties(subscription =>
        {
            subscription.ForwardTo = "shop-jobs";
            subscription.Rules.Add(new AzureServiceBusRule("placed") { CorrelationFilter = new() { Subject = "order-placed" } });
        });

        var site = builder.AddProject<SampleProjects.Web>("site", launchProfileName: "http").WithReference(jobs)
            .WithExternalHttpEndpoints();
        var store = builder.AddAzureUserAssignedIdentity("store-reader");
        var files = builder.AddAzureInfrastructure(
            "files", infrastructure => infrastructure.Add(new ProvisioningOutput("name", typeof(string)) { Value = "shopfiles" }));

        // An event job: arguments, a second connection name, further triggers, further rules with an identity, with a secret and with
        // references, a workload profile.
        builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .WithReference(jobs).WithReference(jobs, "orders-in")
            .WithReference(urgent).WithReference(refunds).WithReference(results)
            .WithReference(builder.AddConnectionString("cache"))
            .WithEnvironment("GREETING", "it's \"dear\" $USER, secretref:nobody, 100 %")
            .WithEnvironment("TEAM", builder.AddParameter("team"))
            .WithEnvironment("SITE", site.GetEndpoint("http"))
            .WithEnvironment("API_KEY", builder.AddParameter("api-token", secret: true))
            .WithArgs("--fast", "two words", ReferenceExpression.Create($"--team={builder.AddParameter("squad")}"))
            .AsEventJob(jobs, job =>
            {
                job.MessageCount = 7;
                job.ActivationMessageCount = 2;
                job.MinExecutions = 1;
                job.MaxExecutions = 9;
                job.PollingInterval = TimeSpan.FromSeconds(45);
                job.ReplicaTimeout = TimeSpan.FromMinutes(20);
                job.ReplicaRetryLimit = 3;
                job.Parallelism = 4;
                job.ReplicaCompletionCount = 2;
                job.Cpu = 2m;
                job.MemoryGi = 4m;
                job.WorkloadProfile = "heavy";
                job.Cloud = Cloud;
            })
            .WithTrigger(urgent, messageCount: 1)
            .WithTrigger(refunds, activationMessageCount: 0, ruleName: "refunds-in")
            .WithScaleRule("night", "cron", new Dictionary<string, string>
            {
                ["timezone"] = "Europe/Berlin",
                ["start"] = "0 2 * * *",
                ["end"] = "0 3 * * *",
                ["desiredReplicas"] = "1",
            })
            .WithScaleRule(
                "uploads", "azure-queue", new Dictionary<string, string> { ["queueName"] = "uploads", ["accountName"] = "shopstore" },
                store)
            .WithScaleRule(
                "postbox",
                "rabbitmq",
                new Dictionary<string, string> { ["queueName"] = "post", ["mode"] = "QueueLength", ["value"] = "20" },
                builder.AddParameter("api-key", secret: true),
                "host")
            .WithScaleRule("archive", "azure-blob", new ScaleRuleMetadata
            {
                { "blobContainerName", "archive" },
                { "accountName", files.GetOutput("name") },
                { "blobCount", builder.AddParameter("archive-batch") },
                { "cloud", "AzureUSGovernmentCloud" },
            }, store);

        // A scheduled job that is a container with a command of its own.
        builder.AddContainer("report", "ghcr.io/shop/report", "2.1")
            .WithEntrypoint("/bin/report")
            .WithArgs("monthly", "EUR")
            .WithEnvironment("SINCE", "1 month")
            .AsScheduledJob("30 4 1 * *", job =>
            {
                job.ReplicaTimeout = TimeSpan.FromMinutes(50);
                job.ReplicaRetryLimit = 2;
                job.Cloud = Cloud;
            });

        // A manual job.
        builder.AddProject<SampleProjects.Job>("migrate", launchProfileName: null)
            .WithReference(results)
            .WithArgs("up")
            .AsManualJob(job =>
            {
                job.Parallelism = 2;
                job.ReplicaCompletionCount = 1;
                job.Cloud = Cloud;
            });
    }
}
