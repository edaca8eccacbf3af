using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KedaJobs.Hosting;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Hosting.Local.Fakes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting;

/// <summary>One declaration, and everything that follows from it: a change in that one place changes all of it together.</summary>
public class OneDeclarationTests
{
    /// <summary>What a change makes of each output. The local KEDA decides over 12 messages, and nothing runs.</summary>
    public static TheoryData<Action<EventJobOptions>, Outputs> Changes => new()
    {
        { _ => { }, new(3, "5", "10", "30", "600") },
        { job => job.MessageCount = 4, new(3, "4", "10", "30", "600") },
        { job => job.MessageCount = 2, new(6, "2", "10", "30", "600") },
        { job => job.MaxExecutions = 2, new(2, "5", "2", "30", "600") },
        { job => job.PollingInterval = TimeSpan.FromSeconds(75), new(3, "5", "10", "75", "600") },
        { job => job.ReplicaTimeout = TimeSpan.FromMinutes(20), new(3, "5", "10", "30", "1200") },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_shows_in_the_local_decision_and_in_every_export(Action<EventJobOptions> change, Outputs expected)
    {
        Assert.Equal(expected.LocalStart, await LocalStartAsync(change));

        using var published = await Published.FromAsync(builder => Declare(builder, change));
        var definition = JobDefinitionFile.Read(published.JobDefinition("worker"));
        var bicep = published.Module("worker-containerapp");
        var yaml = KedaExport.Write(definition, new());
        var az = AzExport.Write(definition, new());
        var hcl = TerraformExport.Write(definition, new());

        AssertOne(bicep, "messageCount: '", expected.MessageCount + "'");
        AssertOne(yaml, "messageCount: \"", expected.MessageCount + "\"");
        AssertOne(az, " messageCount=", expected.MessageCount + " ");
        AssertOne(hcl, "messageCount           = \"", expected.MessageCount + "\"");

        AssertOne(bicep, "maxExecutions: ", expected.MaxExecutions + "\n");
        AssertOne(yaml, "maxReplicaCount: ", expected.MaxExecutions + "\n");
        AssertOne(az, "--max-executions ", expected.MaxExecutions + " ");
        AssertOne(hcl, "max_executions              = ", expected.MaxExecutions + "\n");

        AssertOne(bicep, "pollingInterval: ", expected.PollingSeconds + "\n");
        AssertOne(yaml, "pollingInterval: ", expected.PollingSeconds + "\n");
        AssertOne(az, "--polling-interval ", expected.PollingSeconds + " ");
        AssertOne(hcl, "polling_interval_in_seconds = ", expected.PollingSeconds + "\n");

        AssertOne(bicep, "replicaTimeout: ", expected.TimeoutSeconds + "\n");
        AssertOne(yaml, "activeDeadlineSeconds: ", expected.TimeoutSeconds + "\n");
        AssertOne(az, "--replica-timeout ", expected.TimeoutSeconds + " ");
        AssertOne(hcl, "replica_timeout_in_seconds   = ", expected.TimeoutSeconds + "\n");
    }

    /// <summary>The one place.</summary>
    private static IResourceBuilder<ProjectResource> Declare(IDistributedApplicationBuilder builder, Action<EventJobOptions> change)
    {
        builder.AddAzureContainerAppEnvironment("env");
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs");
        return builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs).AsEventJob(jobs, job =>
        {
            job.MessageCount = 5;
            job.MaxExecutions = 10;
            job.PollingInterval = TimeSpan.FromSeconds(30);
            job.ReplicaTimeout = TimeSpan.FromMinutes(10);
            change(job);
        });
    }

    /// <summary>How many executions the local KEDA starts at its first poll, by the options that the run mode's model holds.</summary>
    private static async Task<long> LocalStartAsync(Action<EventJobOptions> change)
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var declared = Declare(builder, change).Resource.Annotations.OfType<EventJobAnnotation>().Single();
        await using var local = new LocalJobHarness(declared.Options);
        local.Queue.Counts = new(Active: 12, DeadLettered: 0);
        await local.StartAsync();
        return local.Current.LastStart;
    }

    private static void AssertOne(string text, string before, string after)
    {
        var found = text.Split(before);
        Assert.True(found.Length == 2, $"'{before}' stands {found.Length - 1} times in:\n{text}");
        Assert.StartsWith(after, found[1], StringComparison.Ordinal);
    }

    public sealed record Outputs(long LocalStart, string MessageCount, string MaxExecutions, string PollingSeconds, string TimeoutSeconds);
}
