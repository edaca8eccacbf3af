// Experimental; without it every run without a trusted development certificate begins with a warning.
#pragma warning disable ASPIRECERTIFICATES001

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Broker;
using KedaJobs.Hosting.Local.Dashboard;
using KedaJobs.Hosting.Local.Entities;
using KedaJobs.Hosting.Local.Programs;
using KedaJobs.Hosting.Local.WhatIf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Hosting.Local;

/// <summary>Adds a job to an AppHost that runs: the local KEDA starts the worker, not Aspire.</summary>
internal static class LocalRunMode
{
    public static void Attach<T>(IResourceBuilder<T> worker, EventJobAnnotation declaration)
        where T : IComputeResource, IResourceWithEnvironment
    {
        var builder = worker.ApplicationBuilder;
        var settings = LocalSettings.Read(builder.Configuration);
        AddServices(builder, settings);
        foreach (var trigger in declaration.Triggers)
        {
            Watch(builder, trigger.Entity);
        }

        declaration.Slots = ExecutionSlot.Declare(builder.CreateResourceBuilder<IResource>(worker.Resource), settings.SlotCount);
        foreach (var slot in declaration.Slots)
        {
            JobCommands.AddTo(builder.CreateResourceBuilder(slot), declaration.Worker.Name);
        }

        JobCommands.AddTo(worker, declaration.Kind);
        WhatIfCommand.AddTo(worker, declaration);
        worker.WithExplicitStart();
        LeaveHttpsOut(builder, worker.Resource);
        builder.Eventing.Subscribe<InitializeResourceEvent>(worker.Resource, (initialize, _) =>
        {
            var removed = BuiltInCommandRemoval.RemoveAsync(initialize.Resource, initialize.Notifications);
            initialize.Services.GetRequiredService<LocalKeda>().Begin(initialize.Resource.Name);
            return removed;
        });
    }

    /// <summary>Shows the contents of a trigger's namespace, even if it runs on another broker.</summary>
    public static void Watch(IDistributedApplicationBuilder builder, TriggerEntity trigger)
    {
        EntityMonitor.Attach(builder.CreateResourceBuilder(trigger.Namespace));
        builder.OnBeforeStart((beforeStart, _) =>
        {
            AzureEnvironmentRow.HideIfIdle(builder, beforeStart.Model);
            return Task.CompletedTask;
        });
    }

    /// <summary>A job has no endpoint to protect.</summary>
    private static void LeaveHttpsOut(IDistributedApplicationBuilder builder, IComputeResource worker)
    {
        switch (worker)
        {
            case ProjectResource project:
                builder.CreateResourceBuilder(project).WithoutHttpsCertificate();
                break;
            case ExecutableResource executable:
                builder.CreateResourceBuilder(executable).WithoutHttpsCertificate();
                break;
            case ContainerResource container:
                builder.CreateResourceBuilder(container).WithoutHttpsCertificate();
                HiddenImage.Attach(builder, container);
                break;
        }
    }

    private static void AddServices(IDistributedApplicationBuilder builder, LocalSettings settings)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services => new ScheduleClock(services.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton(settings);
        builder.Services.TryAddSingleton(new AppHostAssembly(builder.AppHostAssembly, builder.AppHostDirectory));
        builder.Services.TryAddSingleton<ScalingMetrics>();
        MeterExport.AddTo(builder);
        builder.Services.TryAddSingleton<LoadRecorder>();
        builder.Services.TryAddSingleton<LocalKeda>();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, LocalKeda>(services => services.GetRequiredService<LocalKeda>()));
    }
}
