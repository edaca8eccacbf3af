using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.ServiceDefaults;

/// <summary>What every process of the application does alike: telemetry, health, calling other services.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Answers 200 while the process serves requests.</summary>
    public const string HealthPath = "/health";

    /// <summary>Answers 200 while the process need not be restarted.</summary>
    public const string AlivePath = "/alive";

    private const string LiveTag = "live";

    /// <summary>
    /// Everything: telemetry (<see cref="TelemetryExtensions.AddTelemetry"/>), health checks and <see cref="AddHttpClientDefaults"/>.
    /// </summary>
    /// <param name="builder">The application being built.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddTelemetry();
        TelemetryExtensions.AddRequestTelemetry(builder);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return builder.AddHttpClientDefaults();
    }

    /// <summary>Gives every HttpClient service discovery and standard resilience.</summary>
    /// <param name="builder">The application being built.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddHttpClientDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>
    /// Maps <see cref="HealthPath"/> (all health checks) and <see cref="AlivePath"/> (those tagged "live"). The answers carry no detail, so
    /// they are mapped in every environment: probes of Container Apps need them too.
    /// </summary>
    /// <param name="app">The web application.</param>
    /// <returns>The same application.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapHealthChecks(HealthPath);
        app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) });
        return app;
    }
}
