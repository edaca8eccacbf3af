#pragma warning disable ASPIRECERTIFICATES001 // experimental; without it every run without a trusted development certificate begins with a warning

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Local.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Hosting.Local;

/// <summary>Hangs an event job into an AppHost that runs: Aspire never starts the worker, the local KEDA does.</summary>
internal static class LocalRunMode
{
    public static void Attach(IResourceBuilder<ProjectResource> worker, EventJobAnnotation declaration)
    {
        var builder = worker.ApplicationBuilder;
        var settings = LocalSettings.Read(builder.Configuration);
        AddServices(builder, settings);
        declaration.Slots = ExecutionSlot.Declare(worker, settings.SlotCount);
        foreach (var slot in declaration.Slots)
        {
            JobCommands.AddTo(builder.CreateResourceBuilder(slot), declaration.Worker.Name);
        }

        JobCommands.AddTo(worker);
        worker
            .WithExplicitStart()
            // A job has no endpoint to protect.
            .WithoutHttpsCertificate();
        worker.OnInitializeResource((resource, initialize, _) =>
        {
            var removed = BuiltInCommandRemoval.RemoveAsync(resource, initialize.Notifications);
            initialize.Services.GetRequiredService<LocalKeda>().Begin(resource.Name);
            return removed;
        });
    }

    private static void AddServices(IDistributedApplicationBuilder builder, LocalSettings settings)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services => new ScheduleClock(services.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton(settings);
        builder.Services.TryAddSingleton(new AppHostAssembly(builder.AppHostAssembly));
        builder.Services.TryAddSingleton<ScalingMetrics>();
        MeterExport.AddTo(builder);
        builder.Services.TryAddSingleton<LocalKeda>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, LocalKeda>(services => services.GetRequiredService<LocalKeda>()));
    }
}
