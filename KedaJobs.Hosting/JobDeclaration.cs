using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Lifecycle;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Local;
using KedaJobs.Hosting.Publishing;
using Microsoft.Extensions.Configuration;

namespace KedaJobs.Hosting;

/// <summary>Makes a resource a job: one annotation, the checks, and the run or publish mode that reads them.</summary>
internal static class JobDeclaration
{
    public static void Event<T>(IResourceBuilder<T> worker, TriggerEntity trigger, Action<EventJobOptions>? configure)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        RequireNoJob(worker);
        var options = new EventJobOptions();
        configure?.Invoke(options);
        Bind(worker, options);
        var job = new EventJobAnnotation(worker.Resource, JobKind.Event, options) { Triggers = { new(trigger) } };
        worker.WithRelationship(trigger.Resource, TriggerEntity.Relationship);
        Attach(worker, job);
    }

    public static void Unscaled<T>(IResourceBuilder<T> worker, JobKind kind, string? schedule, Action<JobOptions>? configure)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        RequireNoJob(worker);
        var options = new JobOptions();
        configure?.Invoke(options);
        Bind(worker, options);
        Attach(worker, new EventJobAnnotation(worker.Resource, kind, EventJobOptions.Unscaled(options)) { Schedule = schedule });
    }

    private static void RequireNoJob<T>(IResourceBuilder<T> worker)
        where T : IResource
    {
        if (worker.Resource.HasAnnotationOfType<EventJobAnnotation>())
        {
            throw new JobDeclarationException(
                $"'{worker.Resource.Name}' is already a job. Call only one of AsEventJob, AsScheduledJob and AsManualJob, once.");
        }
    }

    private static void Bind<T>(IResourceBuilder<T> worker, JobOptions options)
        where T : IResource
    {
        var section = worker.ApplicationBuilder.Configuration.GetSection($"KedaJobs:Jobs:{worker.Resource.Name}");
        try
        {
            section.Bind(options, binding => binding.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new JobDeclarationException(
                $"The configuration section {section.Path} contains an unknown name or an invalid value: {exception.Message}",
                exception);
        }
    }

    private static void Attach<T>(IResourceBuilder<T> worker, EventJobAnnotation job)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        worker.WithAnnotation(job);
        worker.ApplicationBuilder.Services.TryAddEventingSubscriber<CheckDeclarations>();
        NamespaceModules.AddTo(worker.ApplicationBuilder);
        if (worker.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            LocalRunMode.Attach(worker, job);
        }
        else
        {
            JobPublishing.Attach(worker, job);
        }
    }
}
