using System.Runtime.Versioning;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Export;

public class AzCommandTests
{
    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Worker_is_created_argument_for_argument()
    {
        var (create, _) = await AzScript.RunAsync(AzExport.Write(Samples.Worker, new()));

        Assert.Equal(["worker"], create["--name"]);
        Assert.Equal(["Event"], create["--trigger-type"]);
        Assert.Equal(["600"], create["--replica-timeout"]);
        Assert.Equal(
            ["queueName=jobs", "namespace=(SERVICEBUS_NAMESPACE)", "messageCount=5", "activationMessageCount=0"],
            create["--scale-rule-metadata"]);
        Assert.Equal(["(WORKER_SCALER_RESOURCE_ID)"], create["--scale-rule-identity"]);
        Assert.Equal(["(WORKER_IDENTITY_RESOURCE_ID)", "(WORKER_SCALER_RESOURCE_ID)"], create["--mi-user-assigned"]);
        Assert.Equal(["(REGISTRY_SERVER)/worker:latest"], create["--image"]);
        Assert.Equal(
            [
                "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY=in_memory",
                "JOBS_HOST=(SERVICEBUS_NAMESPACE).servicebus.windows.net",
                "JOBS_URI=https://(SERVICEBUS_NAMESPACE).servicebus.windows.net:443/",
                "JOBS_QUEUENAME=jobs",
                "RESULTS_HOST=(SERVICEBUS_NAMESPACE).servicebus.windows.net",
                "RESULTS_URI=https://(SERVICEBUS_NAMESPACE).servicebus.windows.net:443/",
                "RESULTS_QUEUENAME=results",
                "QueueJob__ReplicaTimeout=00:10:00",
                "QueueJob__MaxAttempts=5",
                "QueueJob__DuplicateDetection=false",
                "ConnectionStrings__jobs=Endpoint=sb://(SERVICEBUS_NAMESPACE).servicebus.windows.net/;EntityPath=jobs",
                "ConnectionStrings__results=Endpoint=sb://(SERVICEBUS_NAMESPACE).servicebus.windows.net/;EntityPath=results",
                "AZURE_CLIENT_ID=(WORKER_IDENTITY_CLIENT_ID)",
                "AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential",
            ],
            create["--env-vars"]);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Scalers_identity_is_hidden_from_the_containers()
    {
        var (_, patch) = await AzScript.RunAsync(AzExport.Write(Samples.Worker, new()));

        Assert.Equal(
            """{"triggerType":"Event","replicaTimeout":600,"identitySettings":"""
                + """[{"identity":"(WORKER_SCALER_RESOURCE_ID)","lifecycle":"None"}]}""",
            patch!["properties"]!["configuration"]!.ToJsonString());
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Everything_reaches_az_unchanged_by_the_shell()
    {
        var (create, patch) = await AzScript.RunAsync(AzExport.Write(Samples.Everything, new()));

        Assert.Equal(["connection=messaging-connection"], create["--scale-rule-auth"]);
        Assert.Equal(
            [
                "messaging-connection=(MESSAGING_CONNECTION)", "rabbit-host=(RABBIT_HOST)", "api-key=(API_TOKEN)",
                "license=key=(LICENSE);team=(TEAM)",
            ],
            create["--secrets"]);
        Assert.Equal(["/bin/mailer", "order's"], create["--command"]);
        Assert.Equal(["send", "team=(TEAM)"], create["--args"]);
        Assert.Equal(["heavy"], create["--workload-profile-name"]);
        Assert.Equal(
            ["TEAM=(TEAM)", "STORE=https://(STORE_OUTPUTS_NAME)/in", "API_KEY=secretref:api-key", "LICENSE=secretref:license"],
            create["--env-vars"][2..6]);
        Assert.Contains("cloud=AzureChinaCloud", create["--scale-rule-metadata"]);
        Assert.Equal("Greeting=it's \"dear\" $USER, 100 % & more", create["--env-vars"][0]);
        Assert.Equal(["1.25"], create["--cpu"]);
        Assert.Equal(
            ["orders", "returns", "night", "uploads", "postbox"],
            patch!["properties"]!["configuration"]!["eventTriggerConfig"]!["scale"]!["rules"]!.AsArray()
                .Select(rule => rule!["name"]!.GetValue<string>()));
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Odd_text_reaches_az_unchanged_by_the_shell()
    {
        const string Odd = "a\\b \"c\" $d ${e} $(f) `g` 'h' \\$i é\n*";
        var job = Samples.Worker with
        {
            Environment = new Dictionary<string, DefinedText> { ["ODD"] = Odd, ["EMPTY"] = "" },
            Rules =
            [
                new()
                {
                    Name = "odd",
                    Type = "prometheus",
                    Metadata = new Dictionary<string, DefinedText> { ["query"] = Odd },
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
    public async Task Scheduled_job_is_created_by_its_cron_expression()
    {
        var (create, patch) = await AzScript.RunAsync(AzExport.Write(Samples.Report with { Arguments = ["monthly"] }, new()));

        Assert.Equal(["Schedule", "30 4 1 * *"], [.. create["--trigger-type"], .. create["--cron-expression"]]);
        Assert.Equal(["/bin/report", "monthly"], [.. create["--command"], .. create["--args"]]);
        Assert.Contains(
            "ConnectionStrings__results=Endpoint=sb://shop-bus.servicebus.windows.net/;EntityPath=results", create["--env-vars"]);
        Assert.DoesNotContain("--min-executions", create.Keys);
        Assert.Null(patch);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Manual_job_is_created_without_any_trigger()
    {
        var (create, _) = await AzScript.RunAsync(AzExport.Write(Samples.Migrate, new()));

        Assert.Equal(["Manual", "2"], [.. create["--trigger-type"], .. create["--parallelism"]]);
        Assert.DoesNotContain("--cron-expression", create.Keys);
    }

    public static TheoryData<string, DefinedText> Misread => new()
    {
        { "environment", "secretref:nobody" },
        { "environment", "see secretref:nobody" },
        { "environment", "secretref:one,secretref:two" },
        { "arguments", "--fast" },
        { "arguments", "@file" },
        { "arguments", "" },
        { "arguments", new DefinedText([new TextPart.Parameter("flag")]) },
        { "command", "-c" },
    };

    /// <summary>az would take these for something else, whatever the shell does. So they go around its flags, all at once.</summary>
    [UnixTheory, UnsupportedOSPlatform("windows")]
    [MemberData(nameof(Misread))]
    public async Task Values_that_az_would_misread_are_passed_in_one_request(string where, DefinedText value)
    {
        var job = where switch
        {
            "environment" => Samples.Worker with { Environment = new Dictionary<string, DefinedText> { ["ODD"] = value } },
            "command" => Samples.Worker with { Command = [value] },
            _ => Samples.Worker with { Arguments = ["plain", value] },
        };

        var (create, request) = await AzScript.RunAsync(AzExport.Write(job, new()));

        Assert.Empty(create);
        var container = request!["properties"]!["template"]!["containers"]![0]!;
        Assert.Equal(value.Fixed ?? "(FLAG)", where switch
        {
            "environment" => container["env"]![0]!["value"]!.GetValue<string>(),
            "command" => container["command"]![0]!.GetValue<string>(),
            _ => container["args"]![1]!.GetValue<string>(),
        });
        Assert.Equal("Event", request["properties"]!["configuration"]!["triggerType"]!.GetValue<string>());
        Assert.Equal("None", request["properties"]!["configuration"]!["identitySettings"]![0]!["lifecycle"]!.GetValue<string>());
        Assert.Equal("(location)", request["location"]!.GetValue<string>());
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task One_request_holds_values_of_any_kind()
    {
        const string Odd = "a\\b \"c\" $d `e`\t'f'\nlast";
        var job = Samples.Worker with
        {
            Arguments = ["--odd", Odd, new([new TextPart.Literal("--given="), new TextPart.Parameter("given")])],
            Environment = new Dictionary<string, DefinedText> { ["KEY"] = new([new TextPart.Secret("key")]) },
        };

        var (_, request) = await AzScript.RunAsync(AzExport.Write(job, new()), new() { ["GIVEN"] = Odd, ["KEY"] = Odd });

        var container = request!["properties"]!["template"]!["containers"]![0]!;
        Assert.Equal(["--odd", Odd, $"--given={Odd}"], container["args"]!.AsArray().Select(word => word!.GetValue<string>()));
        Assert.Equal("key", container["env"]![0]!["secretRef"]!.GetValue<string>());
        Assert.Equal(Odd, request["properties"]!["configuration"]!["secrets"]![0]!["value"]!.GetValue<string>());
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Given_value_that_az_would_misread_stops_the_script()
    {
        var job =
            Samples.Worker with { Environment = new Dictionary<string, DefinedText> { ["TEAM"] = new([new TextPart.Parameter("team")]) } };

        var error = await Assert.ThrowsAnyAsync<Exception>(
            () => AzScript.RunAsync(AzExport.Write(job, new()), new() { ["TEAM"] = "secretref:blue" }));

        Assert.Contains("TEAM holds secretref:", error.Message, StringComparison.Ordinal);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Another_cloud_stops_the_script()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(
            () => AzScript.RunAsync(AzExport.Write(Samples.Migrate, new()), cloud: "AzureCloud"));

        Assert.Contains("az cloud set --name AzureUSGovernment", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A parameter may have the name of a variable that the shell needs, or the spelling of another's.</summary>
    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Variables_are_of_one_meaning()
    {
        var job = Samples.Worker with
        {
            Environment = new Dictionary<string, DefinedText>
            {
                ["A"] = new([new TextPart.Parameter("path")]),
                ["B"] = new([new TextPart.Parameter("api-key")]),
                ["C"] = new([new TextPart.Parameter("api_key")]),
                ["D"] = "costs $TEAM",
                ["E"] = new([new TextPart.Parameter("team")]),
            },
        };

        var (create, _) = await AzScript.RunAsync(AzExport.Write(job, new()));

        Assert.Equal(["A=(PATH_2)", "B=(API_KEY)", "C=(API_KEY_2)", "D=costs $TEAM", "E=(TEAM_2)"], create["--env-vars"].Take(5));
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Missing_variable_stops_before_anything_is_created()
    {
        using var folder = new TemporaryFolder("az");
        var (exitCode, error) = await AzScript.ShellAsync(
            folder.FullName, AzExport.Write(Samples.Worker, new()), without: "REGISTRY_SERVER");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("REGISTRY_SERVER: host name of the container registry", error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.At("create")));
    }
}
