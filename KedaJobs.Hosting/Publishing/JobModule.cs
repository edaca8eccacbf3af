using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// Turns the job that Aspire publishes (started by hand) into the declared one. Source of the shape: Microsoft.App/jobs, API 2025-07-01; of the metadata:
/// KEDA's azure-servicebus scaler, whose values are all strings.
/// </summary>
internal static class EventJobModule
{
    public static void Configure(AzureResourceInfrastructure infrastructure, ContainerAppJob job, EventJobAnnotation declared)
    {
        var options = declared.Options;
        var configuration = job.Configuration;
        configuration.TriggerType = ContainerAppJobTriggerType.Event;
        configuration.ReplicaTimeout = Seconds(options.ReplicaTimeout);
        configuration.ReplicaRetryLimit = options.ReplicaRetryLimit;
        configuration.EventTriggerConfig = new EventTriggerConfiguration
        {
            Parallelism = options.Parallelism,
            ReplicaCompletionCount = options.ReplicaCompletionCount,
            Scale = new ContainerAppJobScale
            {
                MinExecutions = options.MinExecutions,
                MaxExecutions = options.MaxExecutions,
                PollingIntervalInSeconds = Seconds(options.PollingInterval),
            },
        };

        var access = new ScalerAccessWriter(infrastructure, job, PublishedAccess.Worker(declared));
        var rules = configuration.EventTriggerConfig.Scale.Rules;
        rules.Add(TriggerRule(infrastructure, declared, access));
        foreach (var rule in declared.Worker.Annotations.OfType<ScaleRuleAnnotation>())
        {
            rules.Add(FurtherRule(rule, access));
        }

        foreach (var container in job.Template.Containers)
        {
            container.Value!.Resources = new AppContainerResources
            {
                Cpu = (double)options.Cpu,
                Memory = $"{options.MemoryGi.ToString("0.##", CultureInfo.InvariantCulture)}Gi",
            };
        }
    }

    private static ContainerAppJobScaleRule TriggerRule(AzureResourceInfrastructure infrastructure, EventJobAnnotation declared, ScalerAccessWriter writer)
    {
        var options = declared.Options;
        var access = PublishedAccess.Trigger(declared);
        List<PropertyExpression> metadata = [.. declared.Trigger.ScalerMetadata.Select(entry => Text(entry.Key, entry.Value))];
        if (access is ScalerAccess.WithIdentity)
        {
            // The namespace's name, not its host name: the scaler adds the cloud's suffix.
            var name = declared.Trigger.Namespace.NameOutputReference.AsProvisioningParameter(infrastructure);
            metadata.Add(new PropertyExpression("namespace", new IdentifierExpression(name.BicepIdentifier)));
        }

        metadata.Add(Text("messageCount", options.MessageCount.ToString(CultureInfo.InvariantCulture)));
        metadata.Add(Text("activationMessageCount", options.ActivationMessageCount.ToString(CultureInfo.InvariantCulture)));
        var rule = new ContainerAppJobScaleRule
        {
            Name = declared.JobName,
            JobScaleRuleType = "azure-servicebus",
            Metadata = new ObjectExpression([.. metadata]),
        };
        writer.Apply(rule, access);
        return rule;
    }

    private static ContainerAppJobScaleRule FurtherRule(ScaleRuleAnnotation declared, ScalerAccessWriter writer)
    {
        var rule = new ContainerAppJobScaleRule
        {
            Name = declared.Name,
            JobScaleRuleType = declared.Type,
            Metadata = new ObjectExpression([.. declared.Metadata.Select(entry => Text(entry.Key, entry.Value))]),
        };
        writer.Apply(rule, declared.Access);
        return rule;
    }

    private static PropertyExpression Text(string name, string value) => new(name, new StringLiteralExpression(value));

    private static int Seconds(TimeSpan value) => (int)value.TotalSeconds;
}
