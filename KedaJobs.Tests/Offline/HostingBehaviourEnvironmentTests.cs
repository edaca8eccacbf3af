using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KedaJobs.Tests.Offline;

/// <summary>What a resource's environment consists of, and when it is evaluated.</summary>
public sealed class HostingBehaviourEnvironmentTests
{
    private static readonly string WorkerProject = Path.Combine(Repository.Root, "KedaJobs.Worker", "KedaJobs.Worker.csproj");

    [Fact]
    public async Task Callbacks_SeeValuesUnresolved()
    {
        await using var fixture = new HostingFixture();
        var source = fixture.Builder.AddResource(new Source("broker", "Endpoint=sb://x"));
        Dictionary<string, object> seen = [];
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithExplicitStart().WithReference(source)
            .WithEnvironment(context => seen = new(context.EnvironmentVariables));

        await BuildAsync(fixture, worker.Resource);

        var reference = Assert.IsType<ConnectionStringReference>(seen["ConnectionStrings__broker"]);
        Assert.Same(source.Resource, reference.Resource);
        Assert.IsType<ReferenceExpression>(seen["BROKER_HOST"]);
    }

    [Fact]
    public async Task CallbackAddedLast_ReplacesValues()
    {
        await using var fixture = new HostingFixture();
        var source = fixture.Builder.AddResource(new Source("broker", "Endpoint=sb://x"));
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithReference(source)
            .WithEnvironment(context => context.EnvironmentVariables["ConnectionStrings__broker"] = "mine");

        var variables = await VariablesAsync(fixture, worker.Resource);

        Assert.Equal("mine", variables["ConnectionStrings__broker"]);
    }

    [Fact]
    public async Task Project_HasThreePlaceholders_ThatOnlyTheOrchestratorFills()
    {
        await using var fixture = new HostingFixture();
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithExplicitStart().WithHttpEndpoint();
        await fixture.StartAsync();

        var variables = await VariablesAsync(fixture, worker.Resource);

        Assert.Equal("{{- index .Annotations \"otel-service-name\" -}}", variables["OTEL_SERVICE_NAME"]);
        Assert.Equal("service.instance.id={{- index .Annotations \"otel-service-instance-id\" -}}", variables["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal("http://localhost:{{- portForServing \"worker\" -}}", variables["ASPNETCORE_URLS"]);
        Assert.Equal(3, variables.Values.Count(v => v.Contains("{{", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Project_HasTelemetryAndConsoleVariables_ButNotTheProcessEnvironment()
    {
        await using var fixture = new HostingFixture();
        fixture.Builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:4317";
        fixture.Builder.Configuration["AppHost:OtlpApiKey"] = "the-key";
        fixture.Builder.Environment.EnvironmentName = "Production";
        var worker = fixture.Builder.AddProject("worker", WorkerProject, options => options.ExcludeLaunchProfile = true);

        var variables = await VariablesAsync(fixture, worker.Resource);

        Assert.Equal(
            [
                "DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION=true",
                "LOGGING__CONSOLE__FORMATTERNAME=simple",
                "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY=in_memory",
                "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317",
                "OTEL_EXPORTER_OTLP_HEADERS=x-otlp-api-key=the-key",
                "OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
            ],
            variables.Where(v => !v.Value.Contains("{{", StringComparison.Ordinal)).Select(v => $"{v.Key}={v.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ConfigurationOfAResource_CanBeBuiltAgainForEachExecution()
    {
        await using var fixture = new HostingFixture();
        var number = 0;
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithExplicitStart().WithArgs("--fast")
            .WithEnvironment("NUMBER", () => (++number).ToString(System.Globalization.CultureInfo.InvariantCulture));
        await fixture.StartAsync();

        Assert.Equal("1", (await VariablesAsync(fixture, worker.Resource))["NUMBER"]);
        Assert.Equal("2", (await VariablesAsync(fixture, worker.Resource))["NUMBER"]);
        var result = await BuildAsync(fixture, worker.Resource);
        Assert.Equal([("--fast", false)], result.Arguments);
    }

    [Fact]
    public async Task ValueThatFails_IsCollectedAndDoesNotHideTheOthers()
    {
        await using var fixture = new HostingFixture();
        var missing = fixture.Builder.AddParameter("secret-thing", secret: true);
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithEnvironment("BAD", missing).WithEnvironment("GOOD", "yes");

        var result = await BuildAsync(fixture, worker.Resource);

        Assert.Contains("Failed to resolve environment variable 'BAD'", result.Exception?.Message, StringComparison.Ordinal);
        Assert.Contains(result.EnvironmentVariables, v => v is { Key: "GOOD", Value: "yes" });
        Assert.DoesNotContain(result.EnvironmentVariables, v => v.Key == "BAD");
    }

    [Fact]
    public async Task Reference_GivesConnectionStringAndProperties()
    {
        await using var fixture = new HostingFixture();
        var source = fixture.Builder.AddResource(new Source("my-queue", "Endpoint=sb://x"));
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithReference(source).WithReference(source, "other name 2");

        var variables = await VariablesAsync(fixture, worker.Resource);

        Assert.Equal("Endpoint=sb://x", variables["ConnectionStrings__my-queue"]);
        Assert.Equal("x", variables["MY_QUEUE_HOST"]);
        Assert.Equal("Endpoint=sb://x", variables["ConnectionStrings__other name 2"]);
        Assert.Equal("x", variables["OTHER_NAME_2_HOST"]);
        Assert.Contains(worker.Resource.Annotations.OfType<ResourceRelationshipAnnotation>(), r => r.Type == "Reference" && r.Resource == source.Resource);
    }

    [Fact]
    public async Task ReferenceEnvironment_SelectsWhatIsInjected()
    {
        await using var fixture = new HostingFixture();
        var source = fixture.Builder.AddResource(new Source("broker", "Endpoint=sb://x"));
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithReference(source)
            .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionProperties);

        var variables = await VariablesAsync(fixture, worker.Resource);

        Assert.Contains("BROKER_HOST", variables.Keys);
        Assert.DoesNotContain("ConnectionStrings__broker", variables.Keys);
    }

    [Fact]
    public async Task EndpointReferences_GiveServiceDiscoveryAndPlainVariables()
    {
        await using var fixture = new HostingFixture();
        var site = fixture.Builder.AddProject("the-site", WorkerProject, options => options.ExcludeLaunchProfile = true).WithExplicitStart()
            .WithHttpEndpoint(port: 6001).WithHttpEndpoint(port: 6002, name: "admin");
        foreach (var endpoint in site.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", endpoint.Port!.Value);
        }

        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithReference(site);
        var variables = await VariablesAsync(fixture, worker.Resource);

        Assert.Equal("http://localhost:6001", variables["services__the-site__http__0"]);
        Assert.Equal("http://localhost:6002", variables["services__the-site__admin__0"]);
        Assert.Equal("http://localhost:6001", variables["THE_SITE_HTTP"]);
        Assert.Equal("http://localhost:6002", variables["THE_SITE_ADMIN"]);
    }

    /// <summary>Only types that look for the annotation honour it; that of the tests, like Service Bus, does not.</summary>
    [Fact]
    public async Task Redirection_HasNoEffectByItself()
    {
        await using var fixture = new HostingFixture();
        var elsewhere = fixture.Builder.AddResource(new Source("elsewhere", "Endpoint=sb://elsewhere"));
        var source = fixture.Builder.AddResource(new Source("broker", "Endpoint=sb://x")).WithConnectionStringRedirection(elsewhere.Resource);
        var worker = fixture.Builder.AddProject("worker", WorkerProject).WithReference(source);

        Assert.Equal("Endpoint=sb://x", (await VariablesAsync(fixture, worker.Resource))["ConnectionStrings__broker"]);
        Assert.Equal("Endpoint=sb://x", await ((IResourceWithConnectionString)source.Resource).GetConnectionStringAsync());
    }

    [Fact]
    public async Task ConnectionStringAvailable_ShowsItAsSensitiveProperty()
    {
        await using var fixture = new HostingFixture();
        var source = fixture.Builder.AddResource(new Source("broker", "Endpoint=sb://x"));
        await fixture.StartAsync();

        await fixture.Builder.Eventing.PublishAsync(new ConnectionStringAvailableEvent(source.Resource, fixture.Application.Services));

        var snapshot = await fixture.SnapshotAsync("broker", "the property is there", s => s.Properties.Any(p => p.Name == "resource.connectionString"));
        Assert.Equal(new ResourcePropertySnapshot("resource.connectionString", "Endpoint=sb://x") { IsSensitive = true },
            snapshot.Properties.Single(p => p.Name == "resource.connectionString"));
    }

    private static async Task<Dictionary<string, string>> VariablesAsync(HostingFixture fixture, IResource resource)
    {
        var result = await BuildAsync(fixture, resource);
        Assert.Null(result.Exception);
        return result.EnvironmentVariables.ToDictionary();
    }

    private static Task<IExecutionConfigurationResult> BuildAsync(HostingFixture fixture, IResource resource) =>
        Eventually.InTimeAsync("the configuration is built", ExecutionConfigurationBuilder.Create(resource).WithArgumentsConfig().WithEnvironmentVariablesConfig().BuildAsync(
            fixture.Application.Services.GetRequiredService<DistributedApplicationExecutionContext>(), NullLogger.Instance, CancellationToken.None));

    private sealed class Source(string name, string connectionString) : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{connectionString}");

        IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
            [new("Host", ReferenceExpression.Create($"{new Uri(connectionString["Endpoint=".Length..]).Host}"))];
    }
}
