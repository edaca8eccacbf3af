using Aspire.Hosting;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>Jobs of every kind and every sort of worker, as the compiled job has them.</summary>
public sealed class JobKindTests : IDisposable
{
    private const string DataOwner = "090c5cfd-751d-490a-894a-3ce6f1109419";
    private const string DataReceiver = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0";
    private const string DataSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";

    private readonly TemporaryFolder _folder = new("kinds");

    public void Dispose() => _folder.Dispose();

    [BicepFact]
    public async Task Scheduled_job_has_its_cron_expression_and_no_scale_rule()
    {
        var job = await PublishedJob.OfModelAsync((builder, _) => builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .AsScheduledJob("0 3 * * 1-5", options =>
            {
                options.ReplicaTimeout = TimeSpan.FromMinutes(5);
                options.ReplicaRetryLimit = 2;
                options.Parallelism = 3;
                options.Cpu = 1;
                options.MemoryGi = 2;
            }));

        Assert.Equal("Schedule", (string?)job.Configuration["triggerType"]);
        ArmJson.AssertSame(
            """{ "replicaCompletionCount": 1, "cronExpression": "0 3 * * 1-5", "parallelism": 3 }""",
            job.Configuration["scheduleTriggerConfig"]);
        Assert.Null(job.Configuration["eventTriggerConfig"]);
        Assert.Null(job.Configuration["manualTriggerConfig"]);
        Assert.Equal((300, 2), ((int?)job.Configuration["replicaTimeout"], (int?)job.Configuration["replicaRetryLimit"]));
        ArmJson.AssertSame(
            """{ "cpu": "[json('1')]", "memory": "2Gi" }""", job.Job["properties"]!["template"]!["containers"]![0]!["resources"]);
        Assert.DoesNotContain("worker-scaler", job.Modules);
    }

    [BicepFact]
    public async Task Manual_job_is_started_on_demand_with_the_roles_that_Aspire_gives()
    {
        var job = await PublishedJob.OfModelAsync((builder, messaging) => builder
            .AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .WithReference(messaging.AddServiceBusQueue("jobs"))
            .WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataSender)
            .AsManualJob());

        Assert.Equal("Manual", (string?)job.Configuration["triggerType"]);
        ArmJson.AssertSame("""{ "replicaCompletionCount": 1, "parallelism": 1 }""", job.Configuration["manualTriggerConfig"]);
        Assert.Null(job.Configuration["eventTriggerConfig"]);
        Assert.Equal([DataSender], job.RolesIn("worker-roles-messaging"));
    }

    [BicepFact]
    public async Task Worker_that_refers_to_a_namespace_is_not_its_owner()
    {
        var job = await PublishedJob.OfModelAsync((builder, messaging) => builder
            .AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .AsScheduledJob("0 3 * * *").WithReference(messaging.AddServiceBusQueue("jobs")));

        Assert.Equal([DataReceiver, DataSender], job.RolesIn("worker-roles-messaging"));
    }

    [BicepFact]
    public async Task Further_triggers_are_rules_of_their_own_that_sign_in_alike()
    {
        var job = await PublishedJob.OfModelAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            var mail = messaging.AddServiceBusTopic("orders").AddServiceBusSubscription("mail", "for-mail");
            var urgent = builder.AddAzureServiceBus("other").AddServiceBusQueue("urgent", "urgent-jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).WithReference(mail)
                .WithReference(urgent)
                .AsEventJob(jobs, options => options.ActivationMessageCount = 2)
                .WithTrigger(urgent, messageCount: 1, activationMessageCount: 0)
                .WithTrigger(mail, ruleName: "letters");
        });

        ArmJson.AssertSame("""
            [
              {
                "name": "worker",
                "type": "azure-servicebus",
                "metadata": { "queueName": "jobs", "namespace": "[parameters('messaging_outputs_name')]", "messageCount": "5", "activationMessageCount": "2" },
                "identity": "[parameters('worker_scaler_outputs_id')]"
              },
              {
                "name": "urgent",
                "type": "azure-servicebus",
                "metadata": { "queueName": "urgent-jobs", "namespace": "[parameters('other_outputs_name')]", "messageCount": "1", "activationMessageCount": "0" },
                "identity": "[parameters('worker_scaler_outputs_id')]"
              },
              {
                "name": "letters",
                "type": "azure-servicebus",
                "metadata": {
                  "topicName": "orders", "subscriptionName": "for-mail", "namespace": "[parameters('messaging_outputs_name')]",
                  "messageCount": "5", "activationMessageCount": "2"
                },
                "identity": "[parameters('worker_scaler_outputs_id')]"
              }
            ]
            """, job.Scale["rules"]);
        Assert.Equal([DataOwner], job.RolesIn("worker-scaler-roles-messaging"));
        Assert.Equal([DataOwner], job.RolesIn("worker-scaler-roles-other"));
        Assert.Equal([DataReceiver, DataSender], job.RolesIn("worker-roles-messaging"));
        Assert.Equal([DataReceiver, DataSender], job.RolesIn("worker-roles-other"));
    }

    [BicepFact]
    public async Task Executable_is_published_by_its_dockerfile()
    {
        await File.WriteAllTextAsync(
            _folder.At("Dockerfile"), "FROM node:24\nCOPY . .\nCMD [\"node\", \"worker.mjs\"]\n");
        var job = await PublishedJob.OfModelAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            builder.AddExecutable("worker", "node", _folder.FullName, "worker.mjs").WithReference(jobs).AsEventJob(jobs)
                .PublishAsDockerFile();
        });

        Assert.Equal("jobs", (string?)job.Scale["rules"]![0]!["metadata"]!["queueName"]);
        Assert.Equal([DataOwner], job.RolesIn("worker-scaler-roles-messaging"));
        Assert.Equal([DataReceiver, DataSender], job.RolesIn("worker-roles-messaging"));
        // What only the library for .NET reads is not put into other workers' environment.
        Assert.DoesNotContain(
            job.Job["properties"]!["template"]!["containers"]![0]!["env"]!.AsArray(),
            variable => ((string?)variable!["name"])!.StartsWith("QueueJob__", StringComparison.Ordinal));
    }

    [BicepFact]
    public async Task Container_is_published_as_its_image()
    {
        var job = await PublishedJob.OfModelAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            builder.AddContainer("worker", "registry.example/tools/box", "1.2").WithReference(jobs).AsEventJob(jobs);
        });

        Assert.Equal("Event", (string?)job.Configuration["triggerType"]);
        Assert.Equal("registry.example/tools/box:1.2", (string?)job.Job["properties"]!["template"]!["containers"]![0]!["image"]);
    }
}
