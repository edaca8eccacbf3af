#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // the pipeline is experimental in Aspire

using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Lifecycle;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Tests.Offline;

public sealed class HostingBehaviourPublishTests
{
    private static readonly string WorkerProject = Path.Combine(Repository.Root, "KedaJobs.Worker", "KedaJobs.Worker.csproj");

    [Fact]
    public async Task PublishMode_CallsSubscribersAndHostedServices_ButInitializesAndStartsNothing()
    {
        var record = new Record();
        await using var fixture = PublishingFixture("--publisher", "manifest");
        fixture.Builder.Services.AddSingleton(record);
        fixture.Builder.Services.AddEventingSubscriber<RecordingSubscriber>();
        fixture.Builder.Services.AddSingleton<IHostedService>(new RecordingService(record, "service"));
        fixture.Builder.OnBeforeStart((_, _) => Note("before start"));
        fixture.Builder.OnBeforePublish((_, _) => Note("before publish"));
        fixture.Builder.OnAfterPublish((_, _) => Note("after publish"));
        fixture.Builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((_, _) => Note("resources created"));
        fixture.AddShell("program", "touch started")
            .OnInitializeResource((_, _, _) => Note("initialize"))
            .OnBeforeResourceStarted((_, _, _) => Note("before program"));

        await RunAsync(fixture);

        Assert.Equal(
            [
                "subscribe in Publish mode",
                "before start",
                "service starting",
                "service start",
                "service started",
                "before publish",
                "after publish",
                "service stopping",
                "service stop",
                "service stopped",
            ],
            record.Entries);
        Assert.False(File.Exists(Path.Combine(fixture.Folder, "started")));

        Task Note(string what)
        {
            record.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task StepThatIsAskedFor_RunsAfterWhatItNeeds_AndNothingElseRuns()
    {
        var record = new Record();
        await using var fixture = PublishingFixture("--operation", "publish", "--step", "wanted");
        fixture.Builder.Pipeline.AddStep("wanted", context => Note(Path.GetFileName(context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory())), dependsOn: "first");
        fixture.Builder.Pipeline.AddStep("unrelated", _ => Note("unrelated"));
        fixture.Builder.Pipeline.AddStep("second", context => Note(context.Model.Resources.Count == 0 ? "second" : "model"), requiredBy: (string[])["wanted"]);
        fixture.Builder.Pipeline.AddStep("first", _ => Note("first"));

        await RunAsync(fixture);

        Assert.Equal(["first", "second", Path.GetFileName(fixture.Folder)], record.Entries);
        Assert.False(File.Exists(Path.Combine(fixture.Folder, "aspire-manifest.json")));

        Task Note(string what)
        {
            record.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task StepThatTheManifestRequires_RunsBeforeIt()
    {
        await using var fixture = PublishingFixture("--publisher", "manifest");
        var manifest = Path.Combine(fixture.Folder, "aspire-manifest.json");
        var wasThere = true;
        fixture.Builder.Pipeline.AddStep("mine", _ => Task.FromResult(wasThere = File.Exists(manifest)), requiredBy: "publish-manifest");

        await RunAsync(fixture);

        Assert.False(wasThere);
        Assert.True(File.Exists(manifest));
    }

    [Fact]
    public void Steps_HaveNamesOfTheirOwn()
    {
        var pipeline = DistributedApplication.CreateBuilder().Pipeline;
        pipeline.AddStep("mine", _ => Task.CompletedTask);

        Assert.Throws<InvalidOperationException>(() => pipeline.AddStep("mine", _ => Task.CompletedTask));
        Assert.Throws<ArgumentException>(() => pipeline.AddStep("other", _ => Task.CompletedTask, dependsOn: 1));
    }

    [Theory]
    [InlineData("--publisher", "manifest")]
    [InlineData("--operation", "publish", "--step", "publish-manifest")]
    public async Task Manifest_HasEveryKindOfResource(params string[] spelling)
    {
        await using var fixture = PublishingFixture(spelling);
        var builder = fixture.Builder;
        var key = builder.AddParameter("key", secret: true);
        var size = builder.AddParameter("size", "5", publishValueAsDefault: true);
        var link = builder.AddConnectionString("link", ReferenceExpression.Create($"Endpoint=sb://x;Key={key}"));
        var target = new ModelThing("worker-target");
        target.Annotations.Add(new ManifestPublishingCallbackAnnotation(context => context.Writer.WriteString("type", "azure.bicep.v0")));
        builder.AddProject("worker", WorkerProject).WithReference(link).WithEnvironment("SIZE", size).WithArgs("--once").WithExplicitStart()
            .WithAnnotation(new DeploymentTargetAnnotation(target));
        builder.AddProject("site", WorkerProject).WithHttpEndpoint(port: 80, targetPort: 8080).WithExternalHttpEndpoints();
        fixture.AddShell("tool", "true");
        fixture.AddShell("local-only", "true").ExcludeFromManifest();
        fixture.AddThing("nothing-to-say");
        fixture.AddThing("special").WithManifestPublishingCallback(context => context.Writer.WriteString("type", "special.v0"));

        await RunAsync(fixture);

        var worker = Path.GetRelativePath(fixture.Folder, WorkerProject);
        var expected = JsonNode.Parse($$"""
            {
              "$schema": "https://json.schemastore.org/aspire-8.0.json",
              "resources": {
                "key": { "type": "parameter.v0", "value": "{key.inputs.value}", "inputs": { "value": { "type": "string", "secret": true } } },
                "size": { "type": "parameter.v0", "value": "{size.inputs.value}", "inputs": { "value": { "type": "string", "default": { "value": "5" } } } },
                "link": { "type": "value.v0", "connectionString": "Endpoint=sb://x;Key={key.value}" },
                "worker": {
                  "type": "project.v1", "path": "{{worker}}", "deployment": { "type": "azure.bicep.v0" }, "args": [ "--once" ],
                  "env": { "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory", "ConnectionStrings__link": "{link.connectionString}", "SIZE": "{size.value}" }
                },
                "site": {
                  "type": "project.v0", "path": "{{worker}}",
                  "env": {
                    "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory", "ASPNETCORE_FORWARDEDHEADERS_ENABLED": "true", "HTTP_PORTS": "{site.bindings.http.targetPort}"
                  },
                  "bindings": { "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "port": 80, "targetPort": 8080, "external": true } }
                },
                "tool": { "type": "executable.v0", "workingDirectory": ".", "command": "sh", "args": [ "-c", "true" ] },
                "special": { "type": "special.v0" }
              }
            }
            """)!;
        var actual = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(fixture.Folder, "aspire-manifest.json")))!;
        Assert.Equal(expected.ToJsonString(), actual.ToJsonString());
    }

    [Fact]
    public async Task ResourceOutsideTheModel_ThatAValueRefersTo_IsWrittenToo()
    {
        await using var fixture = PublishingFixture("--publisher", "manifest");
        var outside = new ParameterResource("outside", _ => "", secret: true);
        fixture.Builder.AddConnectionString("link", ReferenceExpression.Create($"Key={outside}"));

        await RunAsync(fixture);

        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(fixture.Folder, "aspire-manifest.json")))!;
        Assert.Equal("parameter.v0", (string?)manifest["resources"]!["outside"]!["type"]);
    }

    [Fact]
    public void ManifestRelativePath_IsSeenFromTheManifestsFolder()
    {
        using var stream = new MemoryStream();
        using var writer = new System.Text.Json.Utf8JsonWriter(stream);
        var context = new ManifestPublishingContext(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish), "/out/sub/manifest.json", writer);

        Assert.Equal("worker.module.bicep", context.GetManifestRelativePath("/out/sub/worker.module.bicep"));
        Assert.Equal("../../src/worker.csproj", context.GetManifestRelativePath("/src/worker.csproj"));
        Assert.Null(context.GetManifestRelativePath(null));
    }

    private static HostingFixture PublishingFixture(params string[] arguments)
    {
        var fixture = new HostingFixture(arguments);
        fixture.Builder.Configuration["Pipeline:OutputPath"] = fixture.Folder;
        return fixture;
    }

    private static Task RunAsync(HostingFixture fixture) => fixture.Application.RunAsync().WaitAsync(Eventually.DefaultDeadline);
}
