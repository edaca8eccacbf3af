using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.Pipelines;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Json;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>
/// A step of the publishing pipeline that writes the definition of every job to <c>jobs/NAME.json</c> in the output folder. The manifest
/// and <c>aspire publish</c> require it; on its own it is asked for by its name.
/// </summary>
// The pipeline is experimental; without it nothing runs when publishing is asked for by step.
#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004
internal sealed class JobDefinitionStep
{
    public const string Name = "job-definitions";

    // The step that "--publisher manifest" and azd run has no public name yet.
    private static readonly string[] RequiredBy = ["publish-manifest", WellKnownPipelineSteps.Publish];

    /// <summary>Adds the step once, however many jobs there are.</summary>
    public static void AddTo(IDistributedApplicationBuilder application)
    {
        if (application.Services.All(service => service.ServiceType != typeof(JobDefinitionStep)))
        {
            application.Services.AddSingleton<JobDefinitionStep>();
            application.Pipeline.AddStep(
                Name, context => context.Services.GetRequiredService<JobDefinitionStep>().WriteAsync(context), requiredBy: RequiredBy);
        }
    }

    private async Task WriteAsync(PipelineStepContext context)
    {
        var folder = Path.Combine(OutputFolder(context.Services.GetRequiredService<IPipelineOutputService>()), "jobs");
        Directory.CreateDirectory(folder);
        foreach (var job in context.Model.Resources.SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>()))
        {
            var environment = await WorkerEnvironment.OfAsync(
                job.Worker, context.ExecutionContext, context.Logger, context.CancellationToken)
                .ConfigureAwait(false);
            var path = Path.Combine(folder, $"{job.JobName}.json");
            var text = JobDefinitionFile.Write(
                JobDefinitionMap.Of(job, environment, context.Model.Resources, context.Services.GetServices<WorkloadProfile>()));
            await File.WriteAllTextAsync(path, text, context.CancellationToken).ConfigureAwait(false);
            Log.DefinitionWritten(context.Logger, job.Worker.Name, path);
            if (Problem(text) is { } problem)
            {
                Log.DefinitionRefused(context.Logger, job.Worker.Name, problem);
            }
        }
    }

    /// <summary>What the planner would say of the file, while it can still be fixed.</summary>
    private static string? Problem(string text)
    {
        try
        {
            JobDefinitionFile.Read(Encoding.UTF8.GetBytes(text));
            return null;
        }
        catch (JsonInputException exception)
        {
            return $"{exception.Field} {exception.Problem}";
        }
    }

    // For the manifest, --output-path may name the file instead of the folder.
    private static string OutputFolder(IPipelineOutputService output)
    {
        var path = output.GetOutputDirectory();
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? Path.GetDirectoryName(path)! : path;
    }
}
#pragma warning restore ASPIREPIPELINES001, ASPIREPIPELINES004
