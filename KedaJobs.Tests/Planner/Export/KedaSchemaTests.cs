using KedaJobs.Planner.Export;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Rules;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Export;

public class KedaSchemaTests
{
    [SharedFact]
    public async Task Every_sample_is_valid_with_every_strategy()
    {
        foreach (var job in Samples.All)
        {
            foreach (var strategy in Enum.GetValues<ScalingStrategy>())
            {
                var options = new ExportOptions
                {
                    Strategy = strategy,
                    Deduction = strategy == ScalingStrategy.Custom ? 2 : null,
                    Percentage = strategy == ScalingStrategy.Custom ? 0.5m : null,
                };
                Assert.Empty(await KedaSchemas.ErrorsAsync(KedaExport.Write(job, options)));
            }
        }
    }

    /// <summary>The validator of CronJobs, too.</summary>
    [SharedFact]
    public async Task Wrong_cron_job_is_found()
    {
        var yaml = KedaExport.Write(Samples.Report, new());
        foreach (var (replaced, by) in ((string, string)[])[
            ("concurrencyPolicy: Allow", "concurrencyPolicy: Always"), ("timeZone", "timezone"), ("jobTemplate", "jobtemplate"),
            ("backoffLimit: 2", "backOffLimit: 2"), ("schedule: \"30 4 1 * *\"", "schedule: \"30 4\"")])
        {
            Assert.Contains(replaced, yaml, StringComparison.Ordinal);
            var errors = await KedaSchemas.ErrorsAsync(yaml.Replace(replaced, by, StringComparison.Ordinal));
            Assert.True(errors.Count > 0, by);
        }
    }

    [SharedFact]
    public async Task System_identity_is_valid()
    {
        var job =
            Samples.Worker with { Rules = [new() { Name = "odd", Type = "azure-queue", Identity = ScaleRuleDefinition.SystemIdentity }] };

        Assert.Empty(await KedaSchemas.ErrorsAsync(KedaExport.Write(job, new())));
    }

    /// <summary>The validator itself: what a cluster would refuse or drop is found.</summary>
    [SharedFact]
    public async Task Wrong_YAML_is_found()
    {
        var yaml = KedaExport.Write(Samples.Worker, new());
        foreach (var (replaced, by) in ((string, string)[])[
            ("maxReplicaCount: 10", "maxReplicaCount: \"10\""),
            ("maxReplicaCount: 10", "maxReplicas: 10"),
            ("messageCount: \"5\"", "messageCount: 5"),
            ("backoffLimit: 1", "backOffLimit: 1"),
            ("strategy: default", "strategy: lazy"),
            ("strategy: gradual", "strategy: slow"),
            ("provider: azure-workload", "provider: azure"),
            ("terminationGracePeriodSeconds: 30", "terminationGracePeriod: 30"),
            ("fieldPath: \"metadata.name\"", "fieldpath: \"metadata.name\"")])
        {
            Assert.Contains(replaced, yaml, StringComparison.Ordinal);
            var errors = await KedaSchemas.ErrorsAsync(yaml.Replace(replaced, by, StringComparison.Ordinal));
            Assert.True(errors.Count > 0, by);
        }
    }
}
