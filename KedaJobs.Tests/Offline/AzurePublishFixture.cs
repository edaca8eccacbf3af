using Aspire.Hosting;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Resources;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>A small model of the application, published once: a namespace with two queues, a web project, an event-triggered job.</summary>
public sealed class AzurePublishFixture : PublishFixture
{
    protected override void DeclareAll(IDistributedApplicationBuilder builder)
    {
        builder.AddAzureContainerAppEnvironment("env");
        var messaging = builder.AddAzureServiceBus("messaging");
        var jobs = messaging.AddServiceBusQueue("jobs").WithProperties(queue =>
        {
            queue.MaxDeliveryCount = 5;
            queue.LockDuration = TimeSpan.FromMinutes(1);
        });
        var results = messaging.AddServiceBusQueue("results").WithProperties(queue => queue.RequiresDuplicateDetection = true);
        builder.AddProject<SampleProjects.Web>("producer", launchProfileName: "http")
            .WithReference(jobs).WithReference(results).WithExternalHttpEndpoints();

        var scaler = builder.AddAzureUserAssignedIdentity("worker-scaler")
            .WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataOwner);
        builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
            .WithReference(jobs).WithReference(results)
            .WithEnvironment("QueueJob__ReplicaTimeout", "00:10:00")
            .WithRoleAssignments(
                messaging, ServiceBusBuiltInRole.AzureServiceBusDataReceiver, ServiceBusBuiltInRole.AzureServiceBusDataSender)
            .PublishAsAzureContainerAppJob((infrastructure, job) => ConfigureJob(infrastructure, job, messaging.Resource, scaler.Resource));
    }

    private static void ConfigureJob(AzureResourceInfrastructure infrastructure, ContainerAppJob job, AzureServiceBusResource messaging,
        AzureUserAssignedIdentityResource scaler)
    {
        var identity = scaler.Id.AsProvisioningParameter(infrastructure);
        var name = messaging.NameOutputReference.AsProvisioningParameter(infrastructure);
        job.Identity.UserAssignedIdentities[BicepFunction.Interpolate($"{identity}").Compile().ToString()] =
            new UserAssignedIdentityDetails();
        job.Configuration.TriggerType = ContainerAppJobTriggerType.Event;
        job.Configuration.ReplicaTimeout = 600;
        job.Configuration.ReplicaRetryLimit = 1;
        job.Configuration.IdentitySettings.Add(
            new ContainerAppIdentitySettings { Identity = identity, Lifecycle = ContainerAppIdentitySettingsLifeCycle.None });
        job.Configuration.EventTriggerConfig = new EventTriggerConfiguration
        {
            Parallelism = 1,
            ReplicaCompletionCount = 1,
            Scale = new ContainerAppJobScale
            {
                PollingIntervalInSeconds = 30,
                MinExecutions = 0,
                MaxExecutions = 10,
                Rules =
                [
                    new ContainerAppJobScaleRule
                    {
                        Name = "jobs",
                        JobScaleRuleType = "azure-servicebus",
                        Metadata = new ObjectExpression(
                            new PropertyExpression("queueName", "jobs"),
                            new PropertyExpression("namespace", new IdentifierExpression(name.BicepIdentifier)),
                            new PropertyExpression("messageCount", "5")),
                        Identity = identity,
                    },
                ],
            },
        };
        job.Template.Containers[0].Value!.Resources = new AppContainerResources { Cpu = 0.5, Memory = "1Gi" };
    }
}
