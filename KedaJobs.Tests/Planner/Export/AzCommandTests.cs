using System.Runtime.Versioning;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Export;

public class AzCommandTests
{
    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Worker_IsCreatedArgumentForArgument()
    {
        var (create, _) = await AzScript.RunAsync(AzExport.Write(Samples.Worker, new()));

        Assert.Equal(["worker"], create["--name"]);
        Assert.Equal(["Event"], create["--trigger-type"]);
        Assert.Equal(["600"], create["--replica-timeout"]);
        Assert.Equal(["queueName=jobs", "namespace=(SERVICEBUS_NAMESPACE)", "messageCount=5", "activationMessageCount=0"], create["--scale-rule-metadata"]);
        Assert.Equal(["(WORKER_SCALER_RESOURCE_ID)"], create["--scale-rule-identity"]);
        Assert.Equal(["(WORKER_IDENTITY_RESOURCE_ID)", "(WORKER_SCALER_RESOURCE_ID)"], create["--mi-user-assigned"]);
        Assert.Equal(["(REGISTRY_SERVER)/worker:latest"], create["--image"]);
        Assert.Equal(
            [
                "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY=in_memory",
                "JOBS_QUEUENAME=jobs",
                "RESULTS_QUEUENAME=results",
                "QueueJob__ReplicaTimeout=00:10:00",
                "ConnectionStrings__jobs=Endpoint=sb://(SERVICEBUS_NAMESPACE).servicebus.windows.net/;EntityPath=jobs",
                "ConnectionStrings__results=Endpoint=sb://(SERVICEBUS_NAMESPACE).servicebus.windows.net/;EntityPath=results",
                "AZURE_CLIENT_ID=(WORKER_IDENTITY_CLIENT_ID)",
                "AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential",
            ],
            create["--env-vars"]);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task ScalersIdentity_IsHiddenFromTheContainers()
    {
        var (_, patch) = await AzScript.RunAsync(AzExport.Write(Samples.Worker, new()));

        Assert.Equal(
            """{"triggerType":"Event","replicaTimeout":600,"identitySettings":[{"identity":"(WORKER_SCALER_RESOURCE_ID)","lifecycle":"None"}]}""",
            patch!["properties"]!["configuration"]!.ToJsonString());
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Everything_ReachesAzUnchangedByTheShell()
    {
        var (create, patch) = await AzScript.RunAsync(AzExport.Write(Samples.Everything, new()));

        Assert.Equal(["connection=messaging-connection"], create["--scale-rule-auth"]);
        Assert.Equal(["messaging-connection=(MESSAGING_CONNECTION)", "rabbit-host=(RABBIT_HOST)"], create["--secrets"]);
        Assert.Equal("Greeting=it's \"dear\" $USER, 100 % & more", create["--env-vars"][0]);
        Assert.Equal(["1.25"], create["--cpu"]);
        Assert.Equal(
            ["orders", "returns", "night", "uploads", "postbox"],
            patch!["properties"]!["configuration"]!["eventTriggerConfig"]!["scale"]!["rules"]!.AsArray().Select(rule => rule!["name"]!.GetValue<string>()));
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task OddText_ReachesAzUnchangedByTheShell()
    {
        const string Odd = "a\\b \"c\" $d ${e} $(f) `g` 'h' \\$i é\n*";
        var job = Samples.Worker with
        {
            Environment = new Dictionary<string, string> { ["ODD"] = Odd, ["EMPTY"] = "" },
            Rules =
            [
                new()
                {
                    Name = "odd",
                    Type = "prometheus",
                    Metadata = new Dictionary<string, string> { ["query"] = Odd },
                    Identity = ScaleRuleDefinition.SystemIdentity,
                },
            ],
        };

        var (create, patch) = await AzScript.RunAsync(AzExport.Write(job, new()));

        Assert.Equal([$"ODD={Odd}", "EMPTY="], create["--env-vars"].Take(2));
        Assert.Empty(create["--mi-system-assigned"]);
        var rule = patch!["properties"]!["configuration"]!["eventTriggerConfig"]!["scale"]!["rules"]![1]!;
        Assert.Equal((Odd, "system"), (rule["metadata"]!["query"]!.GetValue<string>(), rule["identity"]!.GetValue<string>()));
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task MissingVariable_StopsBeforeAnythingIsCreated()
    {
        var folder = Directory.CreateTempSubdirectory("kedajobs-az-").FullName;
        try
        {
            var (exitCode, error) = await AzScript.ShellAsync(folder, AzExport.Write(Samples.Worker, new()), without: "REGISTRY_SERVER");

            Assert.NotEqual(0, exitCode);
            Assert.Contains("REGISTRY_SERVER: host name of the container registry", error, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(folder, "create")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
