using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Configuration;

/// <summary>What the dashboard adds.</summary>
internal static partial class AppHostServices
{
    static partial void AddDashboard(DistributedApplicationBuilder builder, DistributedApplicationOptions options)
    {
        var resource = new DashboardResource();
        builder.Eventing.Subscribe<BeforeStartEvent>((started, _) =>
        {
            started.Model.Resources.Insert(0, resource);
            return Task.CompletedTask;
        });

        builder.Services.AddLogging(logging => logging.AddFilter("Grpc", LogLevel.Warning));
        builder.Services.AddSingleton(resource);
        builder.Services.AddSingleton<ResourceFeed>();
        builder.Services.AddSingleton<InteractionHub>();
        builder.Services.AddSingleton<CommandRunner>();
        builder.Services.AddSingleton<ResourceServiceHost>();
        builder.Services.AddSingleton(_ => DashboardSettings.From(
            builder.Configuration,
            options.DashboardApplicationName ?? builder.Environment.ApplicationName,
            options.AllowUnsecuredTransport,
            builder.Configuration["DcpPublisher:DashboardPath"] ?? Metadata(builder.AppHostAssembly, "aspiredashboardpath") ?? "",
            Path.Combine(Metadata(builder.AppHostAssembly, "AppHostProjectBaseIntermediateOutputPath") ?? Path.GetTempPath(), "dashboard-home")));
        builder.Services.AddSingleton<IBeforeStartStep, DashboardChecks>();
        builder.Services.AddHostedService<DashboardHost>();
    }

    private static string? Metadata(Assembly? assembly, string key) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => string.Equals(a.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
