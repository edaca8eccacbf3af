using System.Globalization;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// Turns the job that Aspire publishes into the declared one. Source of the shape: Microsoft.App/jobs, API 2025-07-01.
/// </summary>
internal static class JobModule
{
    public static void Configure(AzureResourceInfrastructure infrastructure, ContainerAppJob job, EventJobAnnotation declared)
    {
        var options = declared.Options;
        var configuration = job.Configuration;
        configuration.ReplicaTimeout = Seconds(options.ReplicaTimeout);
        configuration.ReplicaRetryLimit = options.ReplicaRetryLimit;
        switch (declared.Kind)
        {
            case JobKind.Event:
                configuration.TriggerType = ContainerAppJobTriggerType.Event;
                configuration.EventTriggerConfig = EventScale.Of(infrastructure, job, declared);
                break;
            case JobKind.Scheduled:
                configuration.TriggerType = ContainerAppJobTriggerType.Schedule;
                configuration.ScheduleTriggerConfig = new JobConfigurationScheduleTriggerConfig
                {
                    CronExpression = declared.Schedule!,
                    Parallelism = options.Parallelism,
                    ReplicaCompletionCount = options.ReplicaCompletionCount,
                };
                break;
            default:
                configuration.TriggerType = ContainerAppJobTriggerType.Manual;
                configuration.ManualTriggerConfig = new JobConfigurationManualTriggerConfig
                {
                    Parallelism = options.Parallelism,
                    ReplicaCompletionCount = options.ReplicaCompletionCount,
                };
                break;
        }

        if (options.WorkloadProfile is { } profile)
        {
            job.WorkloadProfileName = profile;
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

    public static int Seconds(TimeSpan value) => (int)value.TotalSeconds;
}
