#pragma warning disable ASPIREAZURE001 // the environment resource is experimental; its row is what users see

using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Offline;

/// <summary>Azure resources while the AppHost runs, in the variants that were measured on the real host.</summary>
public class AzureRunModeTests
{
    [Fact]
    public async Task With_the_emulator_annotation_nobody_drives_the_namespace()
    {
        var model = new Model();
        model.Messaging.WithAnnotation(new EmulatorResourceAnnotation());

        await using var app = await model.StartAsync();

        var (messaging, jobs) = (State(app, "messaging"), State(app, "jobs"));
        Assert.Null(messaging.Snapshot.State);
        Assert.Null(jobs.Snapshot.State);
        Assert.Contains(
            jobs.Snapshot.Properties, property => property.Name == "resource.parentName" && (string?)property.Value == "messaging");
        Assert.DoesNotContain(
            app.Services.GetRequiredService<DistributedApplicationModel>().Resources, resource => resource.Name == "messaging-roles");
    }

    [Fact]
    public async Task The_environment_is_a_row_with_commands_until_it_is_hidden()
    {
        var shown = new Model();
        var hidden = new Model();
        shown.Messaging.WithAnnotation(new EmulatorResourceAnnotation());
        hidden.Messaging.WithAnnotation(new EmulatorResourceAnnotation());
        hidden.Builder.CreateResourceBuilder(hidden.Builder.Resources.OfType<AzureEnvironmentResource>().Single()).WithHidden();

        await using var shownApp = await shown.StartAsync();
        await using var hiddenApp = await hidden.StartAsync();

        var row = State(shownApp, "azure-environment").Snapshot;
        Assert.Equal("AzureEnvironmentResource", row.ResourceType);
        Assert.Equal("NotStarted", row.State?.Text);
        Assert.False(row.IsHidden);
        Assert.Equal(
            ["change-azure-context", "delete-azure-resources", "reprovision-all", "reset-provisioning-state"],
            row.Commands.Select(command => command.Name).Order());
        Assert.True(State(hiddenApp, "azure-environment").Snapshot.IsHidden);
    }

    [Fact]
    public async Task Without_intervention_a_connection_string_never_comes()
    {
        var model = new Model();
        model.Messaging.WithAnnotation(new EmulatorResourceAnnotation());
        await using var app = await model.StartAsync();

        var value = Value(model.Jobs.Resource);
        Assert.False(value.IsCompleted);
        model.Messaging.Resource.ProvisioningTaskCompletionSource!.SetResult();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => value);
        Assert.Equal("No output for serviceBusEndpoint on resource messaging", error.Message);
    }

    [Fact]
    public async Task Outputs_serve_the_queue_but_not_the_namespace()
    {
        var model = new Model();
        model.Messaging.WithAnnotation(new EmulatorResourceAnnotation());
        await using var app = await model.StartAsync();

        model.Messaging.Resource.Outputs["serviceBusEndpoint"] = "sb://here/";
        model.Messaging.Resource.ProvisioningTaskCompletionSource!.SetResult();

        Assert.Equal("Endpoint=sb://here/;EntityPath=jobs", await Value(model.Jobs.Resource));
        Assert.Equal("sb://here/", await Value(model.Messaging.Resource));
    }

    [Fact]
    public async Task A_redirection_changes_nothing()
    {
        var model = new Model();
        model.Messaging.WithAnnotation(new EmulatorResourceAnnotation());
        model.Messaging.WithConnectionStringRedirection(
            model.Builder.AddConnectionString("elsewhere", ReferenceExpression.Create($"x")).Resource);
        await using var app = await model.StartAsync();

        Assert.False(Value(model.Messaging.Resource).IsCompleted);
    }

    [Fact]
    public async Task A_late_emulator_serves_everybody()
    {
        var model = new Model();
        model.Messaging.WithAnnotation(new EmulatorResourceAnnotation());
        model.Builder.Eventing.Subscribe<InitializeResourceEvent>(model.Messaging.Resource, (_, _) =>
        {
            var endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: "emulator", port: 5681, isProxied: false);
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 5681);
            model.Messaging.Resource.Annotations.Add(endpoint);
            model.Messaging.Resource.Annotations.Add(new ContainerImageAnnotation { Image = "none", Tag = "none" });
            return Task.CompletedTask;
        });
        var consumer = model.Builder.AddExecutable("consumer", "true", ".").WithExplicitStart()
            .WithReference(model.Messaging).WithReference(model.Jobs);

        await using var app = await model.StartAsync();

        const string endpoint = "Endpoint=sb://localhost:5681;SharedAccessKeyName=RootManageSharedAccessKey;"
            + "SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;";
        var configuration = await ExecutionConfigurationBuilder.Create(consumer.Resource).WithEnvironmentVariablesConfig()
            .BuildAsync(app.Services.GetRequiredService<DistributedApplicationExecutionContext>());
        Assert.Null(configuration.Exception);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ConnectionStrings__messaging"] = endpoint,
                ["MESSAGING_HOST"] = "localhost",
                ["MESSAGING_PORT"] = "5681",
                ["MESSAGING_URI"] = "sb://localhost:5681",
                ["MESSAGING_CONNECTIONSTRING"] = endpoint,
                ["ConnectionStrings__jobs"] = $"{endpoint};EntityPath=jobs",
                ["JOBS_HOST"] = "localhost",
                ["JOBS_PORT"] = "5681",
                ["JOBS_URI"] = "sb://localhost:5681",
                ["JOBS_CONNECTIONSTRING"] = endpoint,
                ["JOBS_QUEUENAME"] = "jobs",
            },
            configuration.EnvironmentVariables.ToDictionary());
    }

    [Fact]
    public async Task Without_the_annotation_the_provisioner_misses_a_subscription()
    {
        var model = new Model();
        model.Builder.AddExecutable("consumer", "true", ".").WithReference(model.Jobs);

        await using var app = await model.StartAsync();

        await Eventually.SucceedsAsync("every row shows why nothing was provisioned", () =>
        {
            foreach (var name in (string[])["messaging", "jobs", "messaging-roles"])
            {
                var state = State(app, name).Snapshot.State;
                Assert.Equal(("Missing subscription configuration", "error"), (state?.Text, state?.Style));
            }

            Assert.Equal("Failed to Provision", State(app, "azure-environment").Snapshot.State?.Text);
            Assert.Equal(KnownResourceStates.FailedToStart, RowOf(app, "consumer").Snapshot.State?.Text);
        });
    }

    [Fact]
    public async Task Infrastructure_is_written_once_before_anything_starts_and_publishing_is_no_matter()
    {
        var model = new Model();
        var written = 0;
        var published = 0;
        model.Messaging.WithAnnotation(new EmulatorResourceAnnotation()).ConfigureInfrastructure(_ => written++);
        var environment = model.Builder.AddAzureContainerAppEnvironment("env");
        var consumer = model.Builder.AddExecutable("consumer", "true", ".").WithExplicitStart()
            .PublishAsAzureContainerAppJob((_, _) => published++);

        await using var app = await model.StartAsync();

        Assert.Equal(1, written);
        Assert.Equal(0, published);
        Assert.Empty(consumer.Resource.Annotations.OfType<AzureContainerAppJobCustomizationAnnotation>());
        Assert.DoesNotContain(environment.Resource, app.Services.GetRequiredService<DistributedApplicationModel>().Resources);
    }

    private static Task<string?> Value(IResourceWithConnectionString resource) => resource.GetConnectionStringAsync().AsTask();

    private static ResourceEvent State(DistributedApplication app, string name)
    {
        Assert.True(app.ResourceNotifications.TryGetCurrentState(name, out var state), $"no row '{name}'");
        return state;
    }

    // The row of a process carries an id behind the resource's name.
    private static ResourceEvent RowOf(DistributedApplication app, string name)
    {
        var resource = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name);
        return State(app, app.ResourceNotifications.TryGetCurrentState(name, out var known) ? known.ResourceId : name);
    }

    private sealed class Model
    {
        public Model()
        {
            Builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
            {
                DisableDashboard = true,
                AssemblyName = typeof(AzureRunModeTests).Assembly.FullName,
            });
            Messaging = Builder.AddAzureServiceBus("messaging");
            Jobs = Messaging.AddServiceBusQueue("jobs");
        }

        public IDistributedApplicationBuilder Builder { get; }

        public IResourceBuilder<AzureServiceBusResource> Messaging { get; }

        public IResourceBuilder<AzureServiceBusQueueResource> Jobs { get; }

        public async Task<DistributedApplication> StartAsync()
        {
            var app = Builder.Build();
            try
            {
                await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
                return app;
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        }
    }
}
