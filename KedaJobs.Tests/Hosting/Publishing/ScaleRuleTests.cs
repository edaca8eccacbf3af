using Aspire.Hosting;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>Further rules, other ways to sign in and the user's last word, as the compiled job has them.</summary>
public class ScaleRuleTests
{
    private const string DataOwner = "090c5cfd-751d-490a-894a-3ce6f1109419";
    private const string DataReceiver = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0";
    private const string DataSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";

    [BicepFact]
    public async Task Further_rule_with_an_identity_is_passed_on()
    {
        var job = await PublishedJob.OfAsync((builder, worker) => worker.WithScaleRule(
            "uploads",
            "azure-queue",
            new Dictionary<string, string> { ["queueName"] = "uploads", ["accountName"] = "store", ["queueLength"] = "5" },
            builder.AddAzureUserAssignedIdentity("uploads-reader")));

        ArmJson.AssertSame("""
            {
              "name": "uploads",
              "type": "azure-queue",
              "metadata": { "queueName": "uploads", "accountName": "store", "queueLength": "5" },
              "identity": "[parameters('uploads_reader_outputs_id')]"
            }
            """, job.Scale["rules"]![1]);
        ArmJson.AssertSame("""
            [
              { "identity": "[parameters('worker_scaler_outputs_id')]", "lifecycle": "None" },
              { "identity": "[parameters('uploads_reader_outputs_id')]", "lifecycle": "None" }
            ]
            """, job.Configuration["identitySettings"]);
        Assert.Contains(
            "[format('{0}', parameters('uploads_reader_outputs_id'))]",
            job.Job["identity"]!["userAssignedIdentities"]!.AsObject().Select(identity => identity.Key));
    }

    [BicepFact]
    public async Task Further_rule_with_a_secret_refers_to_it_by_name()
    {
        var job = await PublishedJob.OfAsync((builder, worker) => worker.WithScaleRule(
            "postbox",
            "rabbitmq",
            new Dictionary<string, string> { ["queueName"] = "post", ["mode"] = "QueueLength", ["value"] = "20" },
            builder.AddParameter("Rabbit-Host", secret: true),
            "host"));

        ArmJson.AssertSame("""
            {
              "name": "postbox",
              "type": "rabbitmq",
              "metadata": { "queueName": "post", "mode": "QueueLength", "value": "20" },
              "auth": [ { "secretRef": "rabbit-host", "triggerParameter": "host" } ]
            }
            """, job.Scale["rules"]![1]);
        ArmJson.AssertSame("""[ { "name": "rabbit-host", "value": "[parameters('Rabbit_Host')]" } ]""", job.Configuration["secrets"]);
        Assert.Equal("securestring", ((string?)job.Template["parameters"]!["Rabbit_Host"]!["type"])?.ToLowerInvariant());
    }

    [BicepFact]
    public async Task Further_rule_that_needs_nothing_has_neither_identity_nor_secret()
    {
        var job = await PublishedJob.OfAsync((_, worker) => worker.WithScaleRule(
            "night", "cron", new Dictionary<string, string>
            {
                ["timezone"] = "Etc/UTC",
                ["start"] = "0 2 * * *",
                ["end"] = "30 2 * * *",
                ["desiredReplicas"] = "1",
            }));

        ArmJson.AssertSame("""
            {
              "name": "night",
              "type": "cron",
              "metadata": { "timezone": "Etc/UTC", "start": "0 2 * * *", "end": "30 2 * * *", "desiredReplicas": "1" }
            }
            """, job.Scale["rules"]![1]);
        Assert.Null(job.Configuration["secrets"]);
    }

    [BicepFact]
    public async Task Scaler_identity_of_the_users_takes_the_place_of_ours()
    {
        var job = await PublishedJob.OfAsync((builder, worker) => worker.WithScalerIdentity(builder.AddAzureUserAssignedIdentity("mine")));

        Assert.Equal("[parameters('mine_outputs_id')]", (string?)job.Scale["rules"]![0]!["identity"]);
        ArmJson.AssertSame(
            """[ { "identity": "[parameters('mine_outputs_id')]", "lifecycle": "None" } ]""", job.Configuration["identitySettings"]);
        Assert.Equal(
            ["env", "env-acr", "messaging", "mine", "worker-containerapp", "worker-identity", "worker-roles-messaging"], job.Modules);
    }

    [BicepFact]
    public async Task Scaler_identity_that_is_the_workers_own_stays_usable_by_it()
    {
        var job = await PublishedJob.OfAsync((builder, worker) =>
        {
            var shared = builder.AddAzureUserAssignedIdentity("shared");
            worker.WithAzureUserAssignedIdentity(shared).WithScalerIdentity(shared);
        });

        Assert.Equal("[parameters('shared_outputs_id')]", (string?)job.Scale["rules"]![0]!["identity"]);
        Assert.Null(job.Configuration["identitySettings"]);
    }

    [BicepFact]
    public async Task Scaler_connection_is_a_secret_and_leaves_no_identity_and_no_owner()
    {
        var job = await PublishedJob.OfAsync(
            (builder, worker) => worker.WithScalerConnection(builder.AddParameter("bus-connection", secret: true)));

        ArmJson.AssertSame("""
            {
              "name": "worker",
              "type": "azure-servicebus",
              "metadata": { "queueName": "jobs", "messageCount": "5", "activationMessageCount": "0" },
              "auth": [ { "secretRef": "bus-connection", "triggerParameter": "connection" } ]
            }
            """, job.Scale["rules"]![0]);
        ArmJson.AssertSame("""[ { "name": "bus-connection", "value": "[parameters('bus_connection')]" } ]""", job.Configuration["secrets"]);
        Assert.Equal("{bus-connection.value}", (string?)job.Manifest["resources"]!["worker"]!["deployment"]!["params"]!["bus_connection"]);
        Assert.Null(job.Configuration["identitySettings"]);
        Assert.DoesNotContain("worker-scaler", job.Modules);
        Assert.Equal(
            [DataReceiver, DataSender],
            job.Modules.Where(module => module.Contains("-roles-", StringComparison.Ordinal)).SelectMany(job.RolesIn));
    }

    [BicepFact]
    public async Task One_secret_for_two_rules_is_written_once()
    {
        var job = await PublishedJob.OfAsync((builder, worker) =>
        {
            var connection = builder.AddParameter("bus-connection", secret: true);
            worker.WithScalerConnection(connection)
                .WithScaleRule(
                    "results", "azure-servicebus", new Dictionary<string, string> { ["queueName"] = "results" }, connection, "connection");
        });

        Assert.Single(job.Configuration["secrets"]!.AsArray());
    }

    [BicepFact]
    public async Task Secret_of_the_environment_is_the_rules_too_when_it_is_the_same_parameter()
    {
        var job = await PublishedJob.OfAsync((builder, worker) =>
        {
            var key = builder.AddParameter("api-key", secret: true);
            worker.WithEnvironment("API_KEY", key)
                .WithScaleRule("post", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "post" }, key, "host");
        });

        ArmJson.AssertSame("""[ { "name": "api-key", "value": "[parameters('api_key_value')]" } ]""", job.Configuration["secrets"]);
        Assert.Equal("api-key", (string?)job.Scale["rules"]![1]!["auth"]![0]!["secretRef"]);
        Assert.DoesNotContain("api_key", job.Template["parameters"]!.AsObject().Select(parameter => parameter.Key));
    }

    [BicepFact]
    public async Task Secrets_of_one_name_with_different_values_are_kept_apart()
    {
        var job = await PublishedJob.OfAsync((builder, worker) =>
        {
            var rule = builder.AddParameter("api-key", secret: true);
            worker.WithEnvironment("API_KEY", builder.AddParameter("frontend-key", secret: true))
                .WithEnvironment("API_KEY_SCALER", builder.AddParameter("backend-key", secret: true))
                .WithScalerConnection(rule)
                .WithScaleRule("post", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "post" }, rule, "host");
        });

        ArmJson.AssertSame("""
            [
              { "name": "api-key", "value": "[parameters('frontend_key_value')]" },
              { "name": "api-key-scaler", "value": "[parameters('backend_key_value')]" },
              { "name": "api-key-scaler-2", "value": "[parameters('api_key')]" }
            ]
            """, job.Configuration["secrets"]);
        Assert.Equal(
            ["api-key-scaler-2", "api-key-scaler-2"],
            job.Scale["rules"]!.AsArray().Select(rule => (string?)rule!["auth"]![0]!["secretRef"]));
        var environment = job.Job["properties"]!["template"]!["containers"]![0]!["env"]!.AsArray();
        Assert.Equal("api-key", (string?)environment.Single(variable => (string?)variable!["name"] == "API_KEY")!["secretRef"]);
    }

    [Fact]
    public async Task Module_is_the_same_every_time_it_is_written()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--operation", "publish", "--step", "publish-manifest"],
            AssemblyName = typeof(ScaleRuleTests).Assembly.FullName,
        });
        builder.AddAzureContainerAppEnvironment("env");
        var jobs = builder.AddAzureServiceBus("messaging").AddServiceBusQueue("jobs");
        var key = builder.AddParameter("api-key", secret: true);
        var worker = builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs)
            .WithEnvironment("API_KEY", builder.AddParameter("frontend-key", secret: true))
            .WithScaleRule("post", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "post" }, key, "host")
            .WithScaleRule(
                "mail", "azure-queue", new Dictionary<string, string> { ["queueName"] = "mail" },
                builder.AddAzureUserAssignedIdentity("reader"));
        var callback = worker.Resource.Annotations.OfType<AzureContainerAppJobCustomizationAnnotation>().Single();

        var first = Write(callback);
        Assert.Equal(first, Write(callback));
        Assert.Equal(first, Write(callback));

        string Write(AzureContainerAppJobCustomizationAnnotation customization) => builder
            .AddAzureInfrastructure($"module-{Guid.NewGuid():N}", infrastructure =>
            {
                var job = new ContainerAppJob("worker")
                {
                    Name = "worker",
                    EnvironmentId = "env",
                    Configuration = new() { TriggerType = ContainerAppJobTriggerType.Manual },
                };
                job.Template.Containers.Add(new ContainerAppContainer { Name = "worker", Image = "worker" });
                infrastructure.Add(job);
                customization.Configure(infrastructure, job);
            })
            .Resource.GetBicepTemplateString();
    }

    [BicepFact]
    public async Task Roles_given_afterwards_are_the_only_ones()
    {
        var job = await PublishedJob.OfModelAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs)
                .WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataReceiver);
        });

        Assert.Equal([DataReceiver], job.RolesIn("worker-roles-messaging"));
        Assert.Equal([DataOwner], job.RolesIn("worker-scaler-roles-messaging"));
    }

    [BicepFact]
    public async Task Users_callback_after_ours_has_the_last_word()
    {
        var job = await PublishedJob.OfAsync((_, worker) => worker.PublishAsAzureContainerAppJob((_, resource) =>
        {
            resource.Configuration.ReplicaTimeout = 77;
            resource.Configuration.EventTriggerConfig.Scale.MaxExecutions = 3;
            resource.Tags.Add("team", "shop");
        }));

        Assert.Equal(77, (int?)job.Configuration["replicaTimeout"]);
        Assert.Equal(3, (int?)job.Scale["maxExecutions"]);
        Assert.Equal("shop", (string?)job.Job["tags"]!["team"]);
        Assert.Equal("Event", (string?)job.Configuration["triggerType"]);
    }

    [BicepFact]
    public async Task Limits_replicas_and_resources_are_the_declared_ones()
    {
        var job = await PublishedJob.OfAsync((_, _) => { }, options =>
        {
            options.MessageCount = 8;
            options.ActivationMessageCount = 2;
            options.MinExecutions = 2;
            options.MaxExecutions = 7;
            options.PollingInterval = TimeSpan.FromMinutes(2);
            options.ReplicaTimeout = TimeSpan.FromHours(1);
            options.ReplicaRetryLimit = 4;
            options.Parallelism = 3;
            options.ReplicaCompletionCount = 2;
            options.Cpu = 0.25m;
            options.MemoryGi = 0.5m;
        });

        ArmJson.AssertSame("""
            {
              "replicaCompletionCount": 2,
              "parallelism": 3,
              "scale": {
                "pollingInterval": 120,
                "minExecutions": 2,
                "maxExecutions": 7,
                "rules": [
                  {
                    "name": "worker",
                    "type": "azure-servicebus",
                    "metadata": {
                      "queueName": "jobs",
                      "namespace": "[parameters('messaging_outputs_name')]",
                      "messageCount": "8",
                      "activationMessageCount": "2"
                    },
                    "identity": "[parameters('worker_scaler_outputs_id')]"
                  }
                ]
              }
            }
            """, job.Configuration["eventTriggerConfig"]);
        Assert.Equal((3600, 4), ((int?)job.Configuration["replicaTimeout"], (int?)job.Configuration["replicaRetryLimit"]));
        ArmJson.AssertSame(
            """{ "cpu": "[json('0.25')]", "memory": "0.5Gi" }""", job.Job["properties"]!["template"]!["containers"]![0]!["resources"]);
    }

    [BicepFact]
    public async Task Subscription_is_counted_by_topic_and_name_under_an_identity_of_the_rules_own()
    {
        var job = await PublishedJob.OfModelAsync((builder, messaging) =>
        {
            var mail = messaging.AddServiceBusTopic("orders", "shop.orders").AddServiceBusSubscription("mail", "for-mail");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(mail)
                .AsEventJob(mail, options => options.MessageCount = 3);
        });

        ArmJson.AssertSame("""
            {
              "name": "worker",
              "type": "azure-servicebus",
              "metadata": {
                "topicName": "shop.orders",
                "subscriptionName": "for-mail",
                "namespace": "[parameters('messaging_outputs_name')]",
                "messageCount": "3",
                "activationMessageCount": "0"
              },
              "identity": "[parameters('worker_scaler_outputs_id')]"
            }
            """, job.Scale["rules"]![0]);
        Assert.Equal([DataOwner], job.RolesIn("worker-scaler-roles-messaging"));
        Assert.Equal([DataReceiver, DataSender], job.RolesIn("worker-roles-messaging"));
        var environment = job.Job["properties"]!["template"]!["containers"]![0]!["env"]!.AsArray();
        Assert.Equal(
            "[format('Endpoint={0};EntityPath=shop.orders/Subscriptions/for-mail', parameters('messaging_outputs_servicebusendpoint'))]",
            (string?)environment.Single(variable => (string?)variable!["name"] == "ConnectionStrings__mail")!["value"]);
    }

    [Fact]
    public void Not_an_event_job_is_refused()
    {
        var builder = DistributedApplication.CreateBuilder();
        var worker = builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null);

        Assert.Throws<JobDeclarationException>(() => worker.WithScaleRule("a", "cron", new Dictionary<string, string>()));
        Assert.Throws<JobDeclarationException>(() => worker.WithScalerConnection(builder.AddParameter("connection", secret: true)));
        Assert.Throws<JobDeclarationException>(() => worker.WithScalerIdentity(builder.AddAzureUserAssignedIdentity("mine")));
    }
}
