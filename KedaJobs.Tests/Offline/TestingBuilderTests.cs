using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Tests.Offline;

/// <summary>How the testing builder runs an entry point: given here as a delegate, with the AppHost's assembly as its home.</summary>
public sealed class TestingBuilderTests
{
    [Fact]
    public async Task The_entry_point_is_held_in_build_and_in_run_and_ends_with_the_test()
    {
        var steps = new Steps();
        var run = Run(args =>
        {
            var builder = DistributedApplication.CreateBuilder(args);
            builder.AddResource(new Thing("from-main"));
            steps.Add("building");
            var app = builder.Build();
            steps.Add("built");
            app.Run();
            steps.Add("ended");
        });
        await using var builder = await BuilderAsync(run);

        Assert.Equal(["building"], steps.All);
        builder.AddResource(new Thing("from-test"));
        var app = await builder.BuildAsync();
        await steps.ReachAsync("built");
        Assert.Equal(
            ["from-main", "from-test"],
            app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Select(r => r.Name).Order(StringComparer.Ordinal));

        await app.StartAsync();
        Assert.True(app.ResourceNotifications.TryGetCurrentState("from-test", out _));
        Assert.DoesNotContain("ended", steps.All);
        await app.DisposeAsync();
        await steps.ReachAsync("ended");
    }

    [Fact]
    public async Task An_async_entry_point_that_starts_and_waits_by_itself_works_too()
    {
        var steps = new Steps();
        var run = Run(args => MainAsync(args).GetAwaiter().GetResult());
        await using var builder = await BuilderAsync(run);
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        await steps.ReachAsync("started");
        await app.StopAsync();
        await steps.ReachAsync("ended");

        async Task MainAsync(string[] args)
        {
            await using var own = DistributedApplication.CreateBuilder(args).Build();
            await own.StartAsync();
            steps.Add("started");
            await own.WaitForShutdownAsync();
            steps.Add("ended");
        }
    }

    [Fact]
    public async Task What_a_test_wants_is_set_and_arguments_and_the_test_override_it()
    {
        var run = Run(
            args => DistributedApplication.CreateBuilder(args).Build().Run(),
            ["--Shop:Size=3", "--DcpPublisher:RandomizePorts=false"],
            (options, settings) =>
            {
                Assert.True(options.DisableDashboard);
                Assert.True(options.EnableResourceLogging);
                settings.EnvironmentName = "Staging";
            });
        await using var builder = await BuilderAsync(run);

        Assert.Equal("3", builder.Configuration["Shop:Size"]);
        Assert.Equal("false", builder.Configuration["DcpPublisher:RandomizePorts"]);
        Assert.Equal("http://localhost:8080", builder.Configuration["ASPNETCORE_URLS"]);
        Assert.Equal("Staging", builder.Environment.EnvironmentName);
        Assert.Equal(Path.Combine(Repository.Root, "KedaJobs.AppHost"), builder.AppHostDirectory);
        Assert.Equal(builder.AppHostDirectory, builder.Environment.ContentRootPath);
        Assert.True(builder.ExecutionContext.IsRunMode);
    }

    [Fact]
    public async Task An_error_before_build_is_the_error_of_create()
    {
        var run = Run(_ => throw new DivideByZeroException("in the entry point"));

        Assert.Equal("in the entry point", (await Assert.ThrowsAsync<DivideByZeroException>(() => BuilderAsync(run))).Message);
    }

    [Fact]
    public async Task An_entry_point_that_builds_nothing_is_told_so()
    {
        var run = Run(_ => { });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => BuilderAsync(run));
        Assert.Equal(
            "The entry point of KedaJobs.AppHost ended without building an application: it must call Build on a DistributedApplication builder.",
            error.Message);
    }

    [Fact]
    public async Task An_error_in_build_is_the_error_of_build()
    {
        var run = Run(args => DistributedApplication.CreateBuilder(args).Build().Run());
        await using var builder = await BuilderAsync(run);
        builder.Services.AddSingleton<IHostLifetime>(_ => throw new DivideByZeroException("in the container"));

        Assert.Equal("in the container", (await Assert.ThrowsAsync<DivideByZeroException>(() => builder.BuildAsync())).Message);
    }

    [Fact]
    public async Task A_start_that_fails_fails_for_the_test_and_ends_the_entry_point()
    {
        var steps = new Steps();
        var run = Run(args =>
        {
            var app = DistributedApplication.CreateBuilder(args).Build();
            try
            {
                app.Run();
            }
            finally
            {
                steps.Add("ended");
            }
        });
        await using var builder = await BuilderAsync(run);
        builder.Eventing.Subscribe<BeforeStartEvent>((_, _) => throw new DivideByZeroException("before start"));
        await using var app = await builder.BuildAsync();

        Assert.Equal("before start", (await Assert.ThrowsAsync<DivideByZeroException>(() => app.StartAsync())).Message);
        await steps.ReachAsync("ended");
    }

    [Fact]
    public async Task A_test_that_gives_up_before_build_ends_the_entry_point()
    {
        var steps = new Steps();
        var run = Run(args =>
        {
            try
            {
                DistributedApplication.CreateBuilder(args).Build();
            }
            finally
            {
                steps.Add("ended");
            }
        });
        await (await BuilderAsync(run)).DisposeAsync();
        await steps.ReachAsync("ended");
    }

    [Fact]
    public async Task Tests_side_by_side_have_their_own_applications()
    {
        var names = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            var run = Run(args =>
            {
                var builder = DistributedApplication.CreateBuilder(args);
                builder.AddResource(new Thing($"thing-{i}"));
                builder.Build().Run();
            });
            await using var builder = await BuilderAsync(run);
            await using var app = await builder.BuildAsync();
            await app.StartAsync();
            return Assert.Single(app.Services.GetRequiredService<DistributedApplicationModel>().Resources).Name;
        }));

        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"thing-{i}"), names);
    }

    [Fact]
    public async Task Create_gives_a_builder_without_an_entry_point()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--Shop:Size=3");
        builder.AddResource(new Thing("alone"));
        await using var app = await builder.BuildAsync();
        await app.StartAsync();

        Assert.Equal("3", builder.Configuration["Shop:Size"]);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("alone", out _));
    }

    [Fact]
    public async Task Endpoints_and_connection_strings_are_found_by_name()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable("web", "sleep", ".", "600").WithHttpEndpoint(port: 5180, env: "PORT").WithEndpoint(name: "raw", scheme: "tcp");
        builder.AddResource(new Thing("plain"));
        builder.Configuration["ConnectionStrings:bus"] = "Endpoint=sb://here";
        builder.AddConnectionString("bus");
        await using var app = await builder.BuildAsync();
        Assert.Contains("has not started", Assert.Throws<InvalidOperationException>(() => app.GetEndpoint("web")).Message, StringComparison.Ordinal);
        await app.StartAsync();

        var address = app.GetEndpoint("web");
        Assert.Equal("http", address.Scheme);
        Assert.NotEqual(5180, address.Port);
        using var client = app.CreateHttpClient("web");
        Assert.Equal(address, client.BaseAddress);
        Assert.Equal("tcp", app.GetEndpoint("web", "raw").Scheme);
        Assert.Equal("Endpoint=sb://here", await app.GetConnectionStringAsync("bus"));
        Assert.Contains("no endpoint 'https'", Assert.Throws<ArgumentException>(() => app.GetEndpoint("web", "https")).Message, StringComparison.Ordinal);
        Assert.Contains("no resource 'nobody'", Assert.Throws<ArgumentException>(() => app.GetEndpoint("nobody")).Message, StringComparison.Ordinal);
        Assert.Contains("has no endpoints", Assert.Throws<ArgumentException>(() => app.GetEndpoint("plain")).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("plain"));
    }

    [Fact]
    public void The_generated_classes_name_the_projects()
    {
        Assert.Equal(Path.Combine(Repository.Root, "KedaJobs.AppHost"), Projects.KedaJobs_AppHost.ProjectPath);
        Assert.Equal(
            Path.Combine(Repository.Root, "KedaJobs.Worker", "KedaJobs.Worker.csproj"),
            ((IProjectMetadata)new Projects.KedaJobs_Worker()).ProjectPath);
        Assert.Same(typeof(Projects.KedaJobs_AppHost).Assembly, typeof(Projects.KedaJobs_Producer).Assembly);
    }

    private static EntryPointRun Run(
        Action<string[]> main,
        string[]? args = null,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? configure = null) =>
        new(typeof(Projects.KedaJobs_AppHost).Assembly, main, args ?? [], configure ?? ((_, _) => { }));

    private static Task<IDistributedApplicationTestingBuilder> BuilderAsync(EntryPointRun run) =>
        Eventually.InTimeAsync("the entry point builds", DistributedApplicationTestingBuilder.CreateAsync(run, CancellationToken.None));

    private sealed class Thing(string name) : Resource(name);

    private sealed class Steps
    {
        private readonly List<string> _steps = [];

        public IReadOnlyList<string> All
        {
            get
            {
                lock (_steps)
                {
                    return [.. _steps];
                }
            }
        }

        public void Add(string step)
        {
            lock (_steps)
            {
                _steps.Add(step);
            }
        }

        public Task ReachAsync(string step) => Eventually.SucceedsAsync($"the entry point comes to '{step}'", () => Assert.Contains(step, All));
    }
}
