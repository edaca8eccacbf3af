using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Configuration;

/// <summary>The services every AppHost has, registered before those of its author: their hosted services start after ours and stop before.</summary>
internal static partial class AppHostServices
{
    public static void Add(DistributedApplicationBuilder builder, DistributedApplicationOptions options, PublishingSettings publishing)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(publishing);
        services.AddSingleton(builder.ExecutionContext);
        services.AddSingleton(builder.Eventing);
        services.AddSingleton(_ => new DistributedApplicationModel(builder.Resources));
        services.AddSingleton<ResourceLoggerService>();
        services.AddSingleton<ResourceNotificationService>();
        services.AddSingleton(provider => new ResourceCommandService(
            provider.GetRequiredService<ResourceNotificationService>(), provider.GetRequiredService<ResourceLoggerService>(), provider));
        services.Configure<ResourceNotificationServiceOptions>(o => o.DefaultWaitBehavior =
            options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable);
        services.AddHealthChecks();
        services.AddHttpClient();
        services.AddLogging(logging =>
        {
            logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
            logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
            logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
            logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        });

        services.AddHostedService<LifecycleLog>();
        if (publishing.IsPublish)
        {
            services.AddSingleton(builder.Pipeline);
            services.AddSingleton<IPipelineOutputService, PipelineOutputService>();
            services.AddHostedService<PipelineExecutor>();
        }
        else
        {
            AddRunMode(builder, options);
        }
    }

    private static void AddRunMode(DistributedApplicationBuilder builder, DistributedApplicationOptions options)
    {
        if (options.EnableResourceLogging)
        {
            builder.Services.AddHostedService<ResourceLogForwarder>();
        }

        // Hosted services start in this order and stop in the reverse: the dashboard is there before the first resource and after the last.
        builder.Services.AddHostedService<ResourceHealthMonitor>();
        if (!options.DisableDashboard)
        {
            AddDashboard(builder, options);
        }

        builder.Services.AddSingleton<ApplicationOrchestrator>();
        builder.Services.AddHostedService<OrchestratorService>();
    }

    /// <summary>
    /// Implemented in Dashboard/: registers the <c>aspire-dashboard</c> resource (an executable that is created first and that no wait concerns), the
    /// resource service as hosted service, and the lines that tell its address. Not called when the dashboard is disabled or in publish mode.
    /// </summary>
    static partial void AddDashboard(DistributedApplicationBuilder builder, DistributedApplicationOptions options);
}
