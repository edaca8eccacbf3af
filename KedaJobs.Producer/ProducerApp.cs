using System.Text.Json.Serialization;
using Azure.Messaging.ServiceBus;
using KedaJobs.Producer.DeadLetters;
using KedaJobs.Producer.Jobs;
using KedaJobs.Producer.OpenApi;
using KedaJobs.Producer.Problems;
using KedaJobs.Producer.Queue;
using KedaJobs.Producer.Results;
using KedaJobs.ServiceDefaults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Scalar.AspNetCore;

namespace KedaJobs.Producer;

/// <summary>The HTTP API: accepts work, puts it on the queue, shows queue and results.</summary>
public static class ProducerApp
{
    /// <summary>Builds the application.</summary>
    /// <param name="args">The command line: configuration such as --urls=http://localhost:5180.</param>
    /// <param name="configure">Changes the services, last of all.</param>
    /// <returns>The application, not started.</returns>
    public static WebApplication Create(string[] args, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();

        // A caller waits: fail early, and let the caller try again.
        builder.AddServiceBusQueue(ConnectionNames.Jobs, FailEarly);
        builder.AddServiceBusQueue(ConnectionNames.Results, FailEarly);

        builder.Services.AddOptions<ProducerOptions>().BindConfiguration(ProducerOptions.Section).ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<JobSender>();
        builder.Services.AddSingleton<QueueCountReader>();
        builder.Services.AddSingleton<ResultsReader>();
        builder.Services.AddSingleton<DeadLetterQueue>();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<ProblemHandler>();
        builder.Services.AddValidation();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        builder.Services.AddOpenApi(ApiDocument.Describe);
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ProducerOptions>>((kestrel, producer) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = producer.Value.MaxRequestBytes;
        });

        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapDefaultEndpoints();
        app.MapOpenApi();
        app.MapScalarApiReference();
        app.MapGet("/", () => TypedResults.Redirect("/scalar")).ExcludeFromDescription();
        app.MapJobs();
        app.MapQueue();
        app.MapResults();
        app.MapDeadLetters();
        return app;
    }

    private static void FailEarly(ServiceBusClientOptions options)
    {
        options.RetryOptions.MaxRetries = 1;
        options.RetryOptions.Delay = TimeSpan.FromMilliseconds(200);
        options.RetryOptions.TryTimeout = TimeSpan.FromSeconds(3);
    }
}
