using System.Diagnostics;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.EndToEnd;
using KedaJobs.Tests.Planner;
using KedaJobs.Tests.Planner.Simulation;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Docs;

/// <summary>Every command of README.md and docs/tutorial.md does what the page says.</summary>
[Collection(AppHostCollection.Name)]
public sealed partial class TutorialPageTests(AppHostFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Commands that need what a test has not got: an Azure subscription, or packages that are published.</summary>
    private static readonly string[] NotRun = ["azd up", "dotnet add package KedaJobs.Hosting"];

    public static TheoryData<string> HttpCommands() =>
        [.. Commands().Where(command => command.StartsWith("curl ", StringComparison.Ordinal))];

    public static TheoryData<string> PlannerCommands() =>
        [.. Commands().Where(command => command.Contains("KedaJobs.Planner", StringComparison.Ordinal))];

    public static TheoryData<string> RunCommands() =>
        [.. Commands().Where(command => command.StartsWith("./run", StringComparison.Ordinal))];

    [Fact]
    public void Every_command_is_of_a_kind_that_is_run() => Assert.DoesNotContain(Commands(), command => !NotRun.Contains(command)
        && command is not "./test"
        && !HttpCommands().Contains(command) && !PlannerCommands().Contains(command) && !RunCommands().Contains(command)
        && !command.Contains("--publisher manifest", StringComparison.Ordinal)); // what AppHostPublishTests run

    [UnixTheory]
    [MemberData(nameof(HttpCommands))]
    public async Task HTTP_command_succeeds(string command)
    {
        await fixture.SettleAsync();
        var here = command.Replace(
            "http://localhost:5180", fixture.App.GetEndpoint("producer", "http").ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("curl ", "curl --silent --show-error --fail-with-body ", StringComparison.Ordinal)
            .Replace("seconds\":2}", "seconds\":0.01}", StringComparison.Ordinal)
            .Replace("seconds\\\":2}", "seconds\\\":0.01}", StringComparison.Ordinal);
        var (exitCode, output) = await BashAsync(here);
        Assert.True(exitCode == 0, $"{command}: {output}");
        await fixture.SettleAsync();
    }

    [Theory]
    [MemberData(nameof(PlannerCommands))]
    public async Task Planner_command_succeeds(string command)
    {
        var match = PlannerCommand().Match(command);
        Assert.True(match.Success, command);
        using var folder = new ScenarioFolder();
        folder.Write("worker.json", JobDefinitionFile.Write(Samples.Worker));
        var arguments = match.Groups["arguments"].Value.Split(' ')
            .Select(argument => argument.EndsWith("worker.json", StringComparison.Ordinal) ? folder.At("worker.json") : argument).ToArray();
        var run = await PlannerRun.Of(match.Groups["input"].Value, arguments);
        Assert.True(run.ExitCode == 0, $"{command}: {run.Error}");
    }

    [Theory]
    [MemberData(nameof(RunCommands))]
    public async Task Run_command_has_arguments_that_are_taken(string command)
    {
        var arguments = command.Split(' ').Skip(1).ToArray();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KedaJobs_AppHost>(arguments);
        await using var app = await builder.BuildAsync();
        var options = app.GetJob("worker").Options;
        foreach (var (name, value) in arguments.Select(argument => argument.Split('='))
            .Select(parts => (parts[0].Split(':')[^1], parts[1])))
        {
            Assert.Equal(value, $"{options.GetType().GetProperty(name)!.GetValue(options)}");
        }
    }

    /// <summary>The endless trigger of the tutorial, and its cure.</summary>
    [LinuxTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Endless_trigger_is_found_and_the_cure_ends_it(bool isCured)
    {
        var page = Page.Read("docs/tutorial.md");
        var builder = DistributedApplicationTestingBuilder.Create("--KedaJobs:Local:PollingInterval=00:00:00.2");
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        var results = messaging.AddServiceBusQueue("results");
        var orders = messaging.AddServiceBusQueue("orders");
        if (isCured)
        {
            Assert.Contains(".WithReference(orders, \"jobs\").WithReference(results)", page, StringComparison.Ordinal);
            builder.AddProject<SampleProjects.Job>("forgetful", launchProfileName: null)
                .WithReference(orders, "jobs").WithReference(results)
                .AsEventJob(orders).WithJobLibrary();
        }
        else
        {
            Assert.Contains(
                """builder.AddExecutable("forgetful", "echo", ".", "I never receive").WithReference(orders).AsEventJob(orders);""", page,
                StringComparison.Ordinal);
            builder.AddExecutable("forgetful", "echo", ".", "I never receive").WithReference(orders).AsEventJob(orders);
        }

        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Patience);
        await using var client = new ServiceBusClient(await app.GetConnectionStringAsync("messaging"));
        await client.CreateSender("orders").SendMessageAsync(new ServiceBusMessage("""{"task":"wordcount","input":{"text":"hello"}}"""));

        var job = app.GetJob("forgetful");
        if (isCured)
        {
            var idle = await job.WaitForAsync(now => now is { QueueLength: 0, FinishedExecutions: > 0 }, Patience);
            Assert.Null(idle.Runaway);
            Assert.Equal(1, idle.FinishedExecutions);
            Assert.Equal(0, idle.DeadLetters);
        }
        else
        {
            var runaway = (await job.WaitForAsync(now => now.Runaway is not null, Patience)).Runaway!;
            var shown = page.ReplaceLineEndings(" ");
            foreach (var part in new[] { "so every poll starts more executions.", "succeeded without completing any of them." })
            {
                Assert.Contains(part, runaway.Reason, StringComparison.Ordinal);
                Assert.Contains(part, shown, StringComparison.Ordinal);
            }

            Assert.Contains(runaway.Cure, shown, StringComparison.Ordinal);
        }
    }

    private static IReadOnlyList<string> Commands() => [.. new[] { "README.md", "docs/tutorial.md" }
        .SelectMany(page => CodeBlock().Matches(Page.Read(page)).Where(block => block.Groups["language"].Length == 0)
            .SelectMany(block => Continued().Replace(block.Groups["text"].Value, " ").Split('\n')))
        .Select(command => command.Trim())
        .Where(command => CommandLine().IsMatch(command))
        .Distinct()];

    private static async Task<(int ExitCode, string Output)> BashAsync(string command)
    {
        using var bash =
            Process.Start(new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = bash.StandardOutput.ReadToEndAsync();
        var error = bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync().WaitAsync(Patience);
        return (bash.ExitCode, $"{await output}{await error}");
    }

    [GeneratedRegex("^```(?<language>[a-z]*)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex("^(curl|echo|dotnet|azd|[.]/)")]
    private static partial Regex CommandLine();

    [GeneratedRegex("^(?:echo '(?<input>[^']*)' [|] )?dotnet run --project KedaJobs[.]Planner -- (?<arguments>.*)$")]
    private static partial Regex PlannerCommand();
}
