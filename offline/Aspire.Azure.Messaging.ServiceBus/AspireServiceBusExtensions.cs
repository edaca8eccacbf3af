using Aspire.Azure.Messaging.ServiceBus;
using Azure.Core.Extensions;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

public static class AspireServiceBusExtensions
{
    private const string SectionName = "Aspire:Azure:Messaging:ServiceBus";
    private const string ActivitySources = "Azure.Messaging.ServiceBus.*";

    public static void AddAzureServiceBusClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<AzureMessagingServiceBusSettings>? configureSettings = null,
        Action<IAzureClientBuilder<ServiceBusClient, ServiceBusClientOptions>>? configureClientBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        Add(builder, connectionName, null, configureSettings, configureClientBuilder);
    }

    public static void AddKeyedAzureServiceBusClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<AzureMessagingServiceBusSettings>? configureSettings = null,
        Action<IAzureClientBuilder<ServiceBusClient, ServiceBusClientOptions>>? configureClientBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Add(builder, name, name, configureSettings, configureClientBuilder);
    }

    private static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<AzureMessagingServiceBusSettings>? configureSettings,
        Action<IAzureClientBuilder<ServiceBusClient, ServiceBusClientOptions>>? configureClientBuilder)
    {
        var section = builder.Configuration.GetSection(SectionName);
        var settings = new AzureMessagingServiceBusSettings();
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ParseConnectionString(builder.Configuration.GetConnectionString(connectionName));
        configureSettings?.Invoke(settings);

        if (serviceKey is not null)
        {
            // The client library would fail to resolve an unkeyed client; keyed services promise null instead.
            builder.Services.AddSingleton<ServiceBusClient>(static _ => null!);
        }

        builder.Services.AddAzureClients(clients =>
        {
            var client = Register(clients, settings, connectionName);
            if (settings.Credential is { } credential)
            {
                client.WithCredential(credential);
            }

            client.ConfigureOptions(options => section.GetSection("ClientOptions").Bind(options));
            client.ConfigureOptions(options => section.GetSection($"{connectionName}:ClientOptions").Bind(options));
            configureClientBuilder?.Invoke(client);
            if (serviceKey is not null)
            {
                client.WithName(serviceKey);
                builder.Services.AddKeyedSingleton(
                    serviceKey,
                    static (services, key) => services.GetRequiredService<IAzureClientFactory<ServiceBusClient>>()
                        .CreateClient((string)key!));
            }
        });

        AddHealthCheck(builder.Services, settings, serviceKey);
        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(ActivitySources));
        }
    }

    private static IAzureClientBuilder<ServiceBusClient, ServiceBusClientOptions> Register(
        AzureClientFactoryBuilder clients, AzureMessagingServiceBusSettings settings, string connectionName) =>
        ((IAzureClientFactoryBuilderWithCredential)clients).RegisterClientFactory<ServiceBusClient, ServiceBusClientOptions>(
            (options, credential) =>
            {
                if (!string.IsNullOrEmpty(settings.ConnectionString))
                {
                    return new ServiceBusClient(settings.ConnectionString, options);
                }

                return string.IsNullOrEmpty(settings.FullyQualifiedNamespace)
                    ? throw new InvalidOperationException(
                        $"A ServiceBusClient needs 'ConnectionStrings:{connectionName}', "
                        + "or a ConnectionString or FullyQualifiedNamespace in the " +
                        $"configuration section '{SectionName}'.")
                    : new ServiceBusClient(settings.FullyQualifiedNamespace, credential, options);
            },
            requiresCredential: false);

    private static void AddHealthCheck(IServiceCollection services, AzureMessagingServiceBusSettings settings, string? serviceKey)
    {
        if (string.IsNullOrEmpty(settings.HealthCheckQueueName))
        {
            return;
        }

        var name = serviceKey is null ? "Azure_ServiceBusClient" : $"Azure_ServiceBusClient_{serviceKey}";
        var registration = new HealthCheckRegistration(
            name,
            provider => new QueueHealthCheck(
                serviceKey is null
                    ? provider.GetRequiredService<ServiceBusClient>()
                    : provider.GetRequiredKeyedService<ServiceBusClient>(serviceKey),
                settings.HealthCheckQueueName),
            failureStatus: default,
            tags: default);
        services.AddHealthChecks();
        services.Configure<HealthCheckServiceOptions>(options =>
        {
            if (options.Registrations.All(other => other.Name != name))
            {
                options.Registrations.Add(registration);
            }
        });
    }
}
