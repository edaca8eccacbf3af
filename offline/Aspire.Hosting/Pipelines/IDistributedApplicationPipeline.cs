using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

[Experimental("ASPIREPIPELINES001")]
public interface IDistributedApplicationPipeline
{
    void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null);

    Task ExecuteAsync(PipelineContext context);
}

[Experimental("ASPIREPIPELINES001")]
public static class WellKnownPipelineSteps
{
    public const string Publish = "publish";
}
