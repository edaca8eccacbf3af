using Aspire.Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KedaJobs.Tests.Offline;

public sealed class ClientRegistrationTests
{
    private const string WithKey = "Endpoint=sb://localhost:5672;SharedAccessKeyName=root;SharedAccessKey=k=;UseDevelopmentEmulator=true;";

    public static TheoryData<string, string?, string?, string?> ConnectionStrings => new()
    {
        { "ns.servicebus.windows.net", null, "ns.servicebus.windows.net", null },
        { "Endpoint=https://ns.servicebus.windows.net/;EntityPath=jobs", null, "ns.servicebus.windows.net", "jobs" },
        { "Endpoint=sb://ns.servicebus.windows.net/", null, "ns.servicebus.windows.net", null },
        { WithKey, WithKey, null, null },
        { WithKey + "EntityPath=jobs", WithKey[..^1], null, "jobs" },
        { WithKey + "EntityPath=jobs;", WithKey, null, "jobs" },
    };

    [Theory]
    [MemberData(nameof(ConnectionStrings))]
    public void A_connection_string_names_a_namespace_or_an_endpoint_with_a_key(
        string text, string? connectionString, string? fullyQualifiedNamespace, string? entity)
    {
        AzureMessagingServiceBusSettings? seen = null;
        Build(
            new() { ["ConnectionStrings:jobs"] = text }, builder => builder.AddAzureServiceBusClient("jobs", settings => seen = settings));

        Assert.Equal(connectionString, seen!.ConnectionString);
        Assert.Equal(fullyQualifiedNamespace, seen.FullyQualifiedNamespace);
        Assert.Equal(entity, seen.QueueOrTopicName);
    }

    [Fact]
    public void An_entity_path_of_a_subscription_is_taken_apart()
    {
        var settings = new AzureMessagingServiceBusSettings();
        settings.ParseConnectionString("Endpoint=sb://ns.example.org/;EntityPath=news/Subscriptions/mine");

        Assert.Equal(("news", "mine"), (settings.QueueOrTopicName, settings.SubscriptionName));
    }

    [Fact]
    public async Task The_client_is_a_singleton_and_good_for_every_entity()
    {
        await using var services = Build(
            new() { ["ConnectionStrings:jobs"] = WithKey + "EntityPath=jobs" }, builder => builder.AddAzureServiceBusClient("jobs"));

        var client = services.GetRequiredService<ServiceBusClient>();
        Assert.Same(client, services.GetRequiredService<ServiceBusClient>());
        Assert.Equal("results", client.CreateSender("results").EntityPath);
    }

    [Fact]
    public async Task Without_a_key_the_default_credential_is_used()
    {
        await using var services = Build(
            new() { ["ConnectionStrings:jobs"] = "Endpoint=https://ns.servicebus.windows.net/;EntityPath=jobs" },
            builder => builder.AddAzureServiceBusClient("jobs"));

        Assert.Equal("ns.servicebus.windows.net", services.GetRequiredService<ServiceBusClient>().FullyQualifiedNamespace);
    }

    [Fact]
    public async Task Keyed_clients_stand_side_by_side()
    {
        await using var services = Build(
            new()
            {
                ["ConnectionStrings:jobs"] = WithKey,
                ["ConnectionStrings:results"] = "Endpoint=sb://elsewhere:1;SharedAccessKeyName=a;SharedAccessKey=b",
            },
            builder =>
            {
                builder.AddKeyedAzureServiceBusClient("jobs");
                builder.AddKeyedAzureServiceBusClient("results");
            });

        Assert.Equal("localhost", services.GetRequiredKeyedService<ServiceBusClient>("jobs").FullyQualifiedNamespace);
        Assert.Equal("elsewhere", services.GetRequiredKeyedService<ServiceBusClient>("results").FullyQualifiedNamespace);
        Assert.Null(services.GetService<ServiceBusClient>());
    }

    [Fact]
    public async Task Nothing_configured_is_an_error_that_names_the_settings()
    {
        await using var services = Build([], builder => builder.AddAzureServiceBusClient("jobs"));

        var error = Assert.Throws<InvalidOperationException>(services.GetRequiredService<ServiceBusClient>);
        Assert.Contains("ConnectionStrings:jobs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sections_bind_settings_and_client_options_and_the_named_one_wins()
    {
        AzureMessagingServiceBusSettings? seen = null;
        ServiceBusClientOptions? options = null;
        await using var services = Build(
            new()
            {
                ["Aspire:Azure:Messaging:ServiceBus:ConnectionString"] = WithKey,
                ["Aspire:Azure:Messaging:ServiceBus:DisableTracing"] = "true",
                ["Aspire:Azure:Messaging:ServiceBus:jobs:DisableTracing"] = "false",
                ["Aspire:Azure:Messaging:ServiceBus:ClientOptions:RetryOptions:MaxRetries"] = "7",
                ["Aspire:Azure:Messaging:ServiceBus:ClientOptions:Identifier"] = "general",
                ["Aspire:Azure:Messaging:ServiceBus:jobs:ClientOptions:Identifier"] = "mine",
            },
            builder => builder.AddAzureServiceBusClient(
                "jobs", settings => seen = settings, client => client.ConfigureOptions(configured => options = configured)));

        Assert.Equal("mine", services.GetRequiredService<ServiceBusClient>().Identifier);
        Assert.False(seen!.DisableTracing);
        Assert.Equal(7, options!.RetryOptions.MaxRetries);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("jobs", "Azure_ServiceBusClient")]
    public async Task There_is_a_health_check_when_a_queue_is_named_for_it(string? queue, string? expected)
    {
        await using var services = Build(
            new() { ["ConnectionStrings:jobs"] = WithKey, ["Aspire:Azure:Messaging:ServiceBus:HealthCheckQueueName"] = queue },
            builder => builder.AddAzureServiceBusClient("jobs"));

        var names = services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name);
        Assert.Equal(expected is null ? [] : [expected], names);
    }

    [Theory]
    [InlineData("jobs", HealthStatus.Healthy)]
    [InlineData("missing", HealthStatus.Unhealthy)]
    public async Task The_health_check_looks_at_the_queue(string queue, HealthStatus expected)
    {
        await using var broker = await ServiceBusBroker.StartAsync(new BrokerOptions { Queues = [new QueueOptions { Name = "jobs" }] });
        await using var services = Build(
            new() { ["ConnectionStrings:jobs"] = broker.ConnectionString },
            builder =>
            {
                builder.Services.AddLogging();
                builder.AddAzureServiceBusClient("jobs", settings => settings.HealthCheckQueueName = queue);
            });

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(expected, report.Status);
    }

    private static ServiceProvider Build(Dictionary<string, string?> configuration, Action<IHostApplicationBuilder> register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(configuration);
        register(builder);
        return builder.Services.BuildServiceProvider();
    }
}
