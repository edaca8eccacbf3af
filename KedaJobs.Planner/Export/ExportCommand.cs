using System.CommandLine;
using System.Text;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export;

/// <summary>The verb <c>export</c>: the same job for another way of deploying it.</summary>
internal static class ExportCommand
{
    public static Command Create(PlannerStreams streams) => new("export", "Writes a job definition file, as the AppHost writes it, for another way of deploying the job. No secret is written.")
    {
        Target("keda", "YAML for any Kubernetes with KEDA: ScaledJob, TriggerAuthentication, ServiceAccount.", KedaExport.Write, streams),
        Target("az", "A shell script with the command az containerapp job create.", AzExport.Write, streams),
        Target("terraform", "HCL for the azurerm provider: the job with its environment, namespace, queues, identities and roles.", TerraformExport.Write, streams),
    };

    private static Command Target(string name, string description, Func<JobDefinition, ExportOptions, string> export, PlannerStreams streams)
    {
        var file = new Argument<string?>("FILE") { Description = "The job definition (jobs/NAME.json); left out or '-': standard input.", DefaultValueFactory = _ => null };
        var image = new Option<string?>("--image") { Description = "The container image instead of the definition's hint. Without a registry in it, the registry becomes a variable." };
        file.RefuseUnknownOptions();
        var command = new Command(name, description) { file, image };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var input = streams.Open(parsed.GetValue(file));
            var definition = JobDefinitionFile.Read(await PlannerStreams.ReadToEndAsync(input, cancellationToken));
            await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(export(definition, new(parsed.GetValue(image)))), cancellationToken);
            return ExitCodes.Success;
        });
        return command;
    }
}
