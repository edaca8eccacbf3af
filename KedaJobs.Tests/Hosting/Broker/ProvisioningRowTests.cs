#pragma warning disable ASPIREAZURE001 // the environment resource is experimental; its row is what users see

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Hosting.Broker;

/// <summary>The dashboard with each broker: Aspire's row for provisioning is there only when something is provisioned.</summary>
public class ProvisioningRowTests
{
    public static TheoryData<string> Brokers => new() { "embedded", "container", "azure" };

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task With_nothing_to_provision_the_row_is_hidden(string broker) => Assert.True(await IsHiddenAsync(broker, _ => { }));

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task With_something_to_provision_the_row_stays(string broker) =>
        Assert.False(await IsHiddenAsync(broker, builder => builder.AddAzureUserAssignedIdentity("identity")));

    // No resource is started: there may be no container engine.
    private static async Task<bool> IsHiddenAsync(string broker, Action<IDistributedApplicationBuilder> declare)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--ConnectionStrings:messaging=Endpoint=sb://shared.servicebus.windows.net/"],
            DisableDashboard = true,
            AssemblyName = typeof(ProvisioningRowTests).Assembly.FullName,
        });
        var messaging = builder.AddAzureServiceBus("messaging");
        _ = broker switch
        {
            "embedded" => messaging.RunAsEmbedded(),
            "container" => messaging.RunAsEmulator(),
            _ => messaging.RunAsExistingNamespace(),
        };
        var jobs = messaging.AddServiceBusQueue("jobs");
        builder.AddExecutable("worker", "worker", ".").WithReference(jobs).AsEventJob(jobs);
        declare(builder);
        await using var app = builder.Build();
        var model = app.Services.GetRequiredService<DistributedApplicationModel>();
        var eventing = app.Services.GetRequiredService<IDistributedApplicationEventing>();
        foreach (var subscriber in app.Services.GetServices<IDistributedApplicationEventingSubscriber>()
            .Where(subscriber => subscriber.GetType().Assembly == typeof(EmbeddedServiceBusExtensions).Assembly))
        {
            await subscriber.SubscribeAsync(
                eventing, app.Services.GetRequiredService<DistributedApplicationExecutionContext>(), CancellationToken.None);
        }

        await eventing.PublishAsync(new BeforeStartEvent(app.Services, model), EventDispatchBehavior.BlockingSequential);
        var environment = Assert.Single(model.Resources.OfType<AzureEnvironmentResource>());
        await app.ResourceNotifications.PublishUpdateAsync(environment, snapshot => snapshot);
        Assert.True(app.ResourceNotifications.TryGetCurrentState(environment.Name, out var row));
        return row.Snapshot.IsHidden;
    }
}
