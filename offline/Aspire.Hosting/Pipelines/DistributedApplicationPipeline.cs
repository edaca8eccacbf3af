using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Pipelines;

/// <summary>The steps that publishing can be asked for. The one that is, and all that it depends on, run one after the other.</summary>
internal sealed class DistributedApplicationPipeline : IDistributedApplicationPipeline
{
    private readonly List<Step> _steps = [];

    public DistributedApplicationPipeline()
    {
        AddStep(WellKnownPipelineSteps.Publish, _ => throw new DistributedApplicationException(
            "The stand-in of Aspire.Hosting does not know the publishing step 'publish': use '--publisher manifest --output-path PATH'."));
        AddStep(ManifestStep.Name, ManifestStep.WriteAsync);
    }

    public void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null)
    {
        if (_steps.Any(step => step.Name == name))
        {
            throw new InvalidOperationException($"A step with the name '{name}' has already been added to the pipeline.");
        }

        _steps.Add(new Step(name, action, Names(dependsOn, nameof(dependsOn)), Names(requiredBy, nameof(requiredBy))));
    }

    public async Task ExecuteAsync(PipelineContext context)
    {
        foreach (var step in _steps)
        {
            if (step.RequiredBy.FirstOrDefault(name => Find(name) is null) is { } unknown)
            {
                throw new InvalidOperationException($"Step '{step.Name}' is required by unknown step '{unknown}'");
            }
        }

        var wanted = context.Services.GetRequiredService<PublishingSettings>().Step ?? WellKnownPipelineSteps.Publish;
        foreach (var step in WithDependencies(wanted))
        {
            await step.Action(new PipelineStepContext(context)).ConfigureAwait(false);
        }
    }

    private static IReadOnlyList<string> Names(object? value, string parameter) => value switch
    {
        null => [],
        string name => [name],
        IEnumerable<string> names => [.. names],
        _ => throw new ArgumentException($"The {parameter} parameter must be a string or IEnumerable<string>, but was {value.GetType().Name}.", parameter),
    };

    private Step? Find(string name) => _steps.Find(step => step.Name == name);

    private List<Step> WithDependencies(string wanted)
    {
        var ordered = new List<Step>();
        var visited = new HashSet<string>(StringComparer.Ordinal);
        Visit(wanted);
        return ordered;

        void Visit(string name)
        {
            if (!visited.Add(name))
            {
                return;
            }

            var step = Find(name) ?? throw new InvalidOperationException(
                $"Step '{name}' not found in pipeline. Available steps: {string.Join(", ", _steps.Select(known => $"'{known.Name}'"))}");
            foreach (var dependency in step.DependsOn.Concat(_steps.Where(other => other.RequiredBy.Contains(name)).Select(other => other.Name)))
            {
                Visit(dependency);
            }

            ordered.Add(step);
        }
    }

    private sealed record Step(string Name, Func<PipelineStepContext, Task> Action, IReadOnlyList<string> DependsOn, IReadOnlyList<string> RequiredBy);
}
