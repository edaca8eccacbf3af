using KedaJobs.Planner.Export;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Export;

public class ExportTests
{
    private static readonly Dictionary<string, Func<JobDefinition, ExportOptions, string>> Targets = new()
    {
        ["keda"] = KedaExport.Write,
        ["az"] = AzExport.Write,
        ["terraform"] = TerraformExport.Write,
    };

    public static TheoryData<string, string> Snapshots => new()
    {
        { "keda", "worker.yaml" }, { "keda", "order-mailer.yaml" },
        { "az", "worker.sh" }, { "az", "order-mailer.sh" },
        { "terraform", "worker.tf" }, { "terraform", "order-mailer.tf" },
        { "keda", "report.yaml" }, { "keda", "migrate.yaml" },
        { "az", "report.sh" }, { "az", "migrate.sh" },
        { "terraform", "report.tf" }, { "terraform", "migrate.tf" },
    };

    [Theory]
    [MemberData(nameof(Snapshots))]
    public void Export_is_as_reviewed(string target, string file) =>
        Snapshot.Match(Path.Combine("Export", file), Targets[target](Definition(file), new()));

    [Theory]
    [MemberData(nameof(Snapshots))]
    public async Task Command_line_writes_the_same(string target, string file)
    {
        var definition = Definition(file);

        var run = await PlannerRun.Of(JobDefinitionFile.Write(definition), "export", target);

        Assert.Equal((0, Targets[target](definition, new()), ""), (run.ExitCode, run.Output, run.Error));
    }

    [Theory]
    [MemberData(nameof(Snapshots))]
    public void Export_holds_no_secret(string target, string file)
    {
        var text = Targets[target](Definition(file), new());

        Assert.DoesNotContain("SharedAccessKey", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("password", text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>One change of the declaration, and the line it makes in each target.</summary>
    public static TheoryData<Func<JobDefinition, JobDefinition>, string, string, string> Changes => new()
    {
        {
            job => job with { Trigger = job.Trigger! with { MessageCount = 7 } },
            "messageCount: \"7\"",
            "messageCount=7 ",
            "messageCount           = \"7\""
        },
        {
            job => job with { Scale = job.Scale with { MaxExecutions = 77 } },
            "maxReplicaCount: 77",
            "--max-executions 77",
            "max_executions              = 77"
        },
        {
            job => job with { Scale = job.Scale with { MinExecutions = 3 } },
            "minReplicaCount: 3",
            "--min-executions 3",
            "min_executions              = 3"
        },
        {
            job => job with { Scale = job.Scale with { PollingIntervalSeconds = 9 } },
            "pollingInterval: 9",
            "--polling-interval 9",
            "polling_interval_in_seconds = 9"
        },
        {
            job => job with { Execution = job.Execution with { ReplicaTimeoutSeconds = 99 } },
            "activeDeadlineSeconds: 99",
            "--replica-timeout 99",
            "replica_timeout_in_seconds   = 99"
        },
        {
            job => job with { Execution = job.Execution with { ReplicaRetryLimit = 4 } },
            "backoffLimit: 4",
            "--replica-retry-limit 4",
            "replica_retry_limit          = 4"
        },
        { job => job with { Resources = new(0.25m, 0.5m) }, "memory: \"0.5Gi\"", "--memory 0.5Gi", "memory = \"0.5Gi\"" },
        {
            job => job with { Environment = new Dictionary<string, DefinedText> { ["QueueJob__MessageBudget"] = "8" } },
            "name: QueueJob__MessageBudget",
            "--env-vars QueueJob__MessageBudget=8 ",
            "name  = \"QueueJob__MessageBudget\""
        },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void One_change_shows_in_every_target(Func<JobDefinition, JobDefinition> change, string keda, string az, string terraform)
    {
        foreach (var (target, line) in new[] { ("keda", keda), ("az", az), ("terraform", terraform) })
        {
            Assert.DoesNotContain(line, Targets[target](Samples.Worker, new()), StringComparison.Ordinal);
            Assert.Contains(line, Targets[target](change(Samples.Worker), new()), StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, string, string, string> Images => new()
    {
        {
            "worker:2",
            "image: \"${REGISTRY_SERVER}/worker:2\"",
            "--image \"${REGISTRY_SERVER}/worker:2\"",
            "${data.azurerm_container_registry.main.login_server}/worker:2"
        },
        {
            "shop/worker",
            "image: \"${REGISTRY_SERVER}/shop/worker\"",
            "--image \"${REGISTRY_SERVER}/shop/worker\"",
            "login_server}/shop/worker"
        },
        { "ghcr.io/shop/worker:2", "image: \"ghcr.io/shop/worker:2\"", "--image ghcr.io/shop/worker:2", "= \"ghcr.io/shop/worker:2\"" },
        { "localhost:5000/worker", "image: \"localhost:5000/worker\"", "--image localhost:5000/worker", "= \"localhost:5000/worker\"" },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void Image_without_a_registry_gets_one(string image, string keda, string az, string terraform)
    {
        foreach (var (target, line) in new[] { ("keda", keda), ("az", az), ("terraform", terraform) })
        {
            Assert.Contains(line, Targets[target](Samples.Worker, new(image)), StringComparison.Ordinal);
        }

        var hasRegistry = image.Split('/')[0] is "ghcr.io" or "localhost:5000";
        Assert.Equal(!hasRegistry, AzExport.Write(Samples.Worker, new(image)).Contains("--registry-server", StringComparison.Ordinal));
        Assert.Equal(!hasRegistry, TerraformExport.Write(Samples.Worker, new(image)).Contains("registry {", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Command_line_takes_an_image()
    {
        var run = await PlannerRun.Of(JobDefinitionFile.Write(Samples.Worker), "export", "az", "--image", "ghcr.io/me/worker:3");

        Assert.Contains("--image ghcr.io/me/worker:3", run.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string[], string, bool> Strategies => new()
    {
        { [], "strategy: default", false },
        { ["--strategy", "accurate"], "strategy: accurate", false },
        { ["--strategy", "accurate", "--complete", "late"], "strategy: accurate", true },
        { ["--strategy", "accurate", "--complete", "early"], "strategy: accurate", false },
        { ["--strategy", "eager", "--complete", "late"], "strategy: eager", true },
        { ["--complete", "early"], "strategy: default", true },
        { ["--strategy", "custom", "--deduction", "2", "--percentage", "0.5"],
            "strategy: custom\n    customScalingQueueLengthDeduction: 2\n    customScalingRunningJobPercentage: \"0.5\"\n", false },
    };

    /// <summary>KEDA alone has strategies; one that does not fit how messages are completed is named in the first lines.</summary>
    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task KEDA_takes_a_strategy_and_says_where_it_does_not_fit(string[] arguments, string written, bool isNamed)
    {
        var run = await PlannerRun.Of(JobDefinitionFile.Write(Samples.Worker), ["export", "keda", .. arguments]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(written, run.Output, StringComparison.Ordinal);
        Assert.Equal(isNamed, run.Output.Contains("# WARNING: strategy ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_file_is_named_with_line_and_field()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                file, JobDefinitionFile.Write(Samples.Worker)
                    .Replace("\"queue\": \"jobs\"", "\"queue\": \"job\"", StringComparison.Ordinal));

            var run = await PlannerRun.Of("", "export", "terraform", file);

            Assert.Equal((2, ""), (run.ExitCode, run.Output));
            Assert.Matches(
                $"^{System.Text.RegularExpressions.Regex.Escape(file)}\\(\\d+,\\d+\\): trigger.queue: there is no 'job' among the queues",
                run.Error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_sample_read_back_is_exported_the_same()
    {
        foreach (var job in Samples.All)
        {
            var text = JobDefinitionFile.Write(job);
            var again = JobDefinitionFile.Read(System.Text.Encoding.UTF8.GetBytes(text));

            Assert.Equal(text, JobDefinitionFile.Write(again));
            Assert.All(Targets.Values, export => Assert.Equal(export(job, new()), export(again, new())));
        }
    }

    [Fact]
    public void Secret_in_an_argument_is_passed_and_warned_of()
    {
        var job = Samples.Migrate with { Arguments = [new([new TextPart.Literal("key="), new TextPart.Secret("api-key")])] };

        Assert.All(Targets.Values, export => Assert.Contains(
            "# WARNING: an argument holds the secret 'api-key', and everyone who can read the job can read its arguments.",
            export(job, new()),
            StringComparison.Ordinal));
        Assert.Contains("args   = [\"key=${var.secret_api_key}\"]", TerraformExport.Write(job, new()), StringComparison.Ordinal);
        Assert.Contains("--args \"key=${API_KEY}\"", AzExport.Write(job, new()), StringComparison.Ordinal);
        Assert.Contains("- \"key=${API_KEY}\"", KedaExport.Write(job, new()), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string[]> WrongCommandLines => new()
    {
        { "", "--deduction and --percentage need --strategy custom.", ["export", "keda", "--deduction", "2"] },
        { "", "Argument 'lazy' not recognized.", ["export", "keda", "--strategy", "lazy"] },
        { "{}", "line 1, schemaVersion: is missing", ["export", "keda"] },
        { "", "Could not find file", ["export", "az", "no-such-file.json"] },
        { "", "Required command was not provided.", ["export"] },
        { "", "Unrecognized command or argument 'nomad'.", ["export", "nomad"] },
        { "", "There is no option '--to'.", ["export", "az", "--to"] },
    };

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task Wrong_input_is_one_line_and_exit_code_2(string input, string error, string[] arguments)
    {
        var run = await PlannerRun.Of(input, arguments);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    private static JobDefinition Definition(string file) => Samples.All.Single(job => job.Name == Path.GetFileNameWithoutExtension(file));
}
