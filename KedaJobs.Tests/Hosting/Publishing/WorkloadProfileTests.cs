using Aspire.Hosting;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

public class WorkloadProfileTests
{
    [BicepFact]
    public async Task Profile_is_the_environments_and_the_job_names_it()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env")
                .WithWorkloadProfile("heavy", "E8", minimumNodes: 1, maximumNodes: 3)
                .WithWorkloadProfile("gpu", "Consumption-GPU-NC8as-T4");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .AsManualJob(job => (job.WorkloadProfile, job.Cpu, job.MemoryGi) = ("heavy", 7.5m, 60));
            builder.AddProject<SampleProjects.Job>("other", launchProfileName: null).AsManualJob();
        });

        var templates = await BicepCompiler.CompileAsync(published.Folder);
        var environment = ArmJson.Resources(templates["env.module"])
            .Single(resource => (string)resource["type"]! == "Microsoft.App/managedEnvironments");
        ArmJson.AssertSame("""
            [
              { "name": "consumption", "workloadProfileType": "Consumption" },
              { "name": "heavy", "workloadProfileType": "E8", "minimumCount": 1, "maximumCount": 3 },
              { "name": "gpu", "workloadProfileType": "Consumption-GPU-NC8as-T4" }
            ]
            """, environment["properties"]!["workloadProfiles"]);
        var worker = ArmJson.Resources(templates["worker-containerapp.module"]).Single()["properties"]!;
        Assert.Equal("heavy", (string?)worker["workloadProfileName"]);
        ArmJson.AssertSame("""{ "cpu": "[json('7.5')]", "memory": "60Gi" }""", worker["template"]!["containers"]![0]!["resources"]);
        Assert.Null(ArmJson.Resources(templates["other-containerapp.module"]).Single()["properties"]!["workloadProfileName"]);
    }

    [Fact]
    public void Numbers_of_nodes_make_a_range()
    {
        var environment = DistributedApplication.CreateBuilder().AddAzureContainerAppEnvironment("env");

        Assert.Throws<ArgumentOutOfRangeException>(() => environment.WithWorkloadProfile("heavy", "D4", minimumNodes: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => environment.WithWorkloadProfile("heavy", "D4", maximumNodes: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => environment.WithWorkloadProfile("heavy", "D4", minimumNodes: 2));
    }
}
