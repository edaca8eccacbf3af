using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// The scale rules of a published event job: one for each trigger, then the further ones. Source of the metadata: KEDA's azure-servicebus
/// scaler, whose values are all strings.
/// </summary>
internal static class EventScale
{
    public static EventTriggerConfiguration Of(AzureResourceInfrastructure infrastructure, ContainerAppJob job, EventJobAnnotation declared)
    {
        var options = declared.Options;
        var trigger = new EventTriggerConfiguration
        {
            Parallelism = options.Parallelism,
            ReplicaCompletionCount = options.ReplicaCompletionCount,
            Scale = new ContainerAppJobScale
            {
                MinExecutions = options.MinExecutions,
                MaxExecutions = options.MaxExecutions,
                PollingIntervalInSeconds = JobModule.Seconds(options.PollingInterval),
            },
        };

        var access = new ScalerAccessWriter(infrastructure, job, PublishedAccess.Worker(declared));
        foreach (var entity in declared.Triggers)
        {
            trigger.Scale.Rules.Add(TriggerRule(infrastructure, declared, entity, access));
        }

        foreach (var rule in PublishedAccess.FurtherRules(declared))
        {
            trigger.Scale.Rules.Add(FurtherRule(infrastructure, rule, access));
        }

        return trigger;
    }

    private static ContainerAppJobScaleRule TriggerRule(
        AzureResourceInfrastructure infrastructure, EventJobAnnotation declared, EntityTrigger trigger, ScalerAccessWriter writer)
    {
        var access = PublishedAccess.Trigger(declared);
        List<PropertyExpression> metadata = [.. trigger.Entity.ScalerMetadata.Select(entry => Text(entry.Key, entry.Value))];
        if (access is ScalerAccess.WithIdentity)
        {
            // The namespace's name, not its host name: the scaler adds the cloud's suffix.
            var name = trigger.Entity.Namespace.NameOutputReference.AsProvisioningParameter(infrastructure);
            metadata.Add(new PropertyExpression("namespace", new IdentifierExpression(name.BicepIdentifier)));
        }

        if (declared.Options.Cloud.KedaName() is { } cloud)
        {
            metadata.Add(Text("cloud", cloud));
        }

        metadata.Add(Number("messageCount", trigger.MessageCount ?? declared.Options.MessageCount));
        metadata.Add(Number("activationMessageCount", trigger.ActivationMessageCount ?? declared.Options.ActivationMessageCount));
        var rule = new ContainerAppJobScaleRule
        {
            Name = trigger.RuleName ?? declared.JobName,
            JobScaleRuleType = "azure-servicebus",
            Metadata = new ObjectExpression([.. metadata]),
        };
        writer.Apply(rule, access);
        return rule;
    }

    private static ContainerAppJobScaleRule FurtherRule(
        AzureResourceInfrastructure infrastructure, ScaleRuleAnnotation declared, ScalerAccessWriter writer)
    {
        var references = declared.References
            .Select(entry => new PropertyExpression(entry.Key, new IdentifierExpression(entry.Value.In(infrastructure).BicepIdentifier)));
        var rule = new ContainerAppJobScaleRule
        {
            Name = declared.Name,
            JobScaleRuleType = declared.Type,
            Metadata = new ObjectExpression([.. declared.Metadata.Select(entry => Text(entry.Key, entry.Value)), .. references]),
        };
        writer.Apply(rule, declared.Access);
        return rule;
    }

    private static PropertyExpression Text(string name, string value) => new(name, new StringLiteralExpression(value));

    private static PropertyExpression Number(string name, int value) => Text(name, value.ToString(CultureInfo.InvariantCulture));
}
