using System.CommandLine;
using System.Text;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Planner.Export;

/// <summary>The verb <c>export</c>: the same job for another way of deploying it.</summary>
internal static class ExportCommand
{
    public static Command Create(PlannerStreams streams) => new(
        "export", "Writes a job definition file, as the AppHost writes it, for another way of deploying the job. No secret is written.")
    {
        Keda(streams),
        Target("az", "A shell script with the command az containerapp job create.", AzExport.Write, streams),
        Target(
            "terraform", "HCL for the azurerm provider: the job with its environment, namespace, queues, identities and roles.",
            TerraformExport.Write, streams),
    };

    private static Command Keda(PlannerStreams streams)
    {
        var strategy = new Option<string>("--strategy") { Description = "KEDA's scaling strategy.", DefaultValueFactory = _ => "default" };
        strategy.AcceptOnlyFromAmong("default", "custom", "accurate", "eager");
        var deduction = new Option<int?>("--deduction") { Description = "Strategy custom: customScalingQueueLengthDeduction." };
        var percentage =
            new Option<decimal?>("--percentage") { Description = "Strategy custom: customScalingRunningJobPercentage, for instance 0.5." };
        var complete = new Option<string?>("--complete")
        {
            Description = "late or early: when the worker's messages leave the queue, after the work or when they are received. "
                + "A strategy that does not fit is reported in the first lines.",
        };
        complete.AcceptOnlyFromAmong("late", "early");
        var command = Target(
            "keda",
            "YAML for any Kubernetes with KEDA: ScaledJob or CronJob, TriggerAuthentication, ServiceAccount.",
            KedaExport.Write,
            streams,
            (options, parsed) => options with
            {
                Strategy = Enum.Parse<ScalingStrategy>(parsed.GetValue(strategy)!, ignoreCase: true),
                Deduction = parsed.GetValue(deduction),
                Percentage = parsed.GetValue(percentage),
                Completion = parsed.GetValue(complete) switch
                {
                    "late" => Completion.Late,
                    "early" => Completion.Early,
                    _ => null,
                },
            });
        command.Add(strategy);
        command.Add(deduction);
        command.Add(percentage);
        command.Add(complete);
        command.Validators.Add(result =>
        {
            // By its tokens: a rejected value cannot be read.
            if (result.GetResult(strategy)?.Tokens is not [{ Value: "custom" }]
                && (result.GetResult(deduction) is not null || result.GetResult(percentage) is not null))
            {
                result.AddError("--deduction and --percentage need --strategy custom.");
            }
        });
        return command;
    }

    private static Command Target(
        string name,
        string description,
        Func<JobDefinition, ExportOptions, string> export,
        PlannerStreams streams,
        Func<ExportOptions, ParseResult, ExportOptions>? options = null)
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "The job definition (jobs/NAME.json); standard input if omitted or '-'.",
            DefaultValueFactory = _ => null,
        };
        var image = new Option<string?>("--image")
        {
            Description =
                "The container image instead of the definition's hint. Without a registry in it, the registry becomes a variable.",
        };
        file.RefuseUnknownOptions();
        var command = new Command(name, description) { file, image };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var input = streams.Open(parsed.GetValue(file));
            var content = await PlannerStreams.ReadToEndAsync(input, cancellationToken);
            var definition = parsed.GetValue(file) is { } path and not "-"
                ? InputFile.Parse(path, content, bytes => JobDefinitionFile.Read(bytes))
                : JobDefinitionFile.Read(content);
            var given = new ExportOptions(parsed.GetValue(image));
            await streams.Output.WriteAsync(
                Encoding.UTF8.GetBytes(export(definition, options?.Invoke(given, parsed) ?? given)), cancellationToken);
            return ExitCodes.Success;
        });
        return command;
    }
}
