using KedaJobs.Planner.Export.Keda;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Export;

public class KedaSchemaTests
{
    [SharedFact]
    public async Task Worker_IsValid() => Assert.Empty(await KedaSchemas.ErrorsAsync(KedaExport.Write(Samples.Worker, new())));

    [SharedFact]
    public async Task Everything_IsValid() => Assert.Empty(await KedaSchemas.ErrorsAsync(KedaExport.Write(Samples.Everything, new())));

    [SharedFact]
    public async Task SystemIdentity_IsValid()
    {
        var job = Samples.Worker with { Rules = [new() { Name = "odd", Type = "azure-queue", Identity = ScaleRuleDefinition.SystemIdentity }] };

        Assert.Empty(await KedaSchemas.ErrorsAsync(KedaExport.Write(job, new())));
    }

    /// <summary>The validator itself: what a cluster would refuse or drop is found.</summary>
    [SharedFact]
    public async Task WrongYaml_IsFound()
    {
        var yaml = KedaExport.Write(Samples.Worker, new());
        foreach (var (replaced, by) in ((string, string)[])[
            ("maxReplicaCount: 10", "maxReplicaCount: \"10\""),
            ("maxReplicaCount: 10", "maxReplicas: 10"),
            ("messageCount: \"5\"", "messageCount: 5"),
            ("backoffLimit: 1", "backOffLimit: 1"),
            ("strategy: default", "strategy: lazy"),
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
