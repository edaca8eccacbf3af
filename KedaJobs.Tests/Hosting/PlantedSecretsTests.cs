using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KedaJobs.Hosting;
using KedaJobs.Planner.Export.Az;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Hosting;

/// <summary>
/// Secrets with values that are found wherever they come up. Everything that any mode writes, logs or shows is searched for them.
/// </summary>
public sealed class PlantedSecretsTests : IDisposable
{
    private const string Mark = "planted-";

    // Text around a secret, as in DSN below: Aspire writes it as an interpolated string of a secure parameter, which
    // the linter cannot tell from a plain one.
    private const string Interpolated = "use-secure-value-for-secure-inputs";

    private readonly TemporaryFolder _folder = new("secrets");

    private static readonly string[] SecretParameters = ["api-key", "db-password", "bus-connection", "rabbit-host", "token"];

    private static readonly string[] Values =
    [
        .. SecretParameters.Select(name => $"--Parameters:{name}={Mark}{name}"),
        $"--ConnectionStrings:database=Server=db;Password={Mark}database",
        // Nobody listens there.
        $"--ConnectionStrings:elsewhere=Endpoint=sb://127.0.0.1:1/;SharedAccessKeyName=Root;SharedAccessKey={Mark}elsewhere",
    ];

    public PlantedSecretsTests() => File.WriteAllText(_folder.At("Dockerfile"), "FROM busybox\nCMD [\"true\"]\n");

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Run_logs_and_shows_none()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create(Values);
        builder.Services.AddFakeLogging();
        var worker = Declare(builder);
        // What only Aspire's orchestrator could fill in is reported, next to a secret.
        worker.WithHttpEndpoint().WithEnvironment(
            "LINK",
            ReferenceExpression.Create(
                $"http://u:{Parameter(builder, "api-key")}@localhost:{worker.GetEndpoint("http").Property(EndpointProperty.TargetPort)}"));
        var broken = builder.AddExecutable("broken", "true", _folder.FullName).WithHttpEndpoint();
        broken.WithArgs(ReferenceExpression.Create(
            $"http://u:{Parameter(builder, "api-key")}@localhost:{broken.GetEndpoint("http").Property(EndpointProperty.TargetPort)}"))
            .AsManualJob();
        var elsewhere = builder.AddAzureServiceBus("elsewhere").RunAsExistingNamespace().AddServiceBusQueue("far-jobs");
        builder.AddExecutable("far", "true", _folder.FullName).WithReference(elsewhere).AsEventJob(elsewhere);
        await using var app = await builder.BuildAsync();
        using var stopped = new CancellationTokenSource();
        var shown = WatchAsync(app, stopped.Token);
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var job = app.GetJob("worker");
        await job.WaitForIdleAsync(Eventually.DefaultDeadline);
        var execution = await job.StartExecutionAsync();
        await job.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline);
        await app.GetJob("broken").WaitForIdleAsync(Eventually.DefaultDeadline);
        var refused = await Assert.ThrowsAsync<JobException>(() => app.GetJob("broken").StartExecutionAsync());
        var far = await app.GetJob("far").WaitForAsync(snapshot => snapshot.Problem is not null, Eventually.DefaultDeadline);
        var logs = await Task.WhenAll(
            app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Select(resource => LogAsync(app, resource.Name)));
        await stopped.CancelAsync();

        Assert.Contains("LINK", string.Concat(logs), StringComparison.Ordinal);
        Assert.Contains("An argument of 'broken' has '{{", refused.Message, StringComparison.Ordinal);
        AssertClean("an execution that is not started", refused.ToString());
        AssertClean("a poll that fails", far.Problem!);
        AssertClean("the log of the execution", string.Join('\n', job.GetLog(execution.Name)));
        AssertClean("the logs of resources", string.Join('\n', logs));
        AssertClean("the rows", string.Join('\n', await shown));
        AssertClean(
            "the AppHost's log",
            string.Join('\n', app.Services.GetFakeLogCollector().GetSnapshot().Select(record => $"{record.Message} {record.Exception}")));
    }

    [BicepFact]
    public async Task Manifest_modules_and_definition_have_none()
    {
        using var published = await Published.FromAsync(builder => Declare(builder), Values);

        AssertFilesClean(published.Folder);
        AssertClean("the log", string.Join('\n', published.Log));
        Assert.All(
            SecretParameters.Append("database"),
            name => Assert.Equal(true, (bool?)published.Resources[name]!["inputs"]!["value"]!["secret"]));
        var templates = await BicepCompiler.CompileAsync(published.Folder, Interpolated);
        Assert.All(published.Resources, resource =>
        {
            var module = resource.Value!["deployment"] ?? resource.Value;
            if (module["params"] is { } given)
            {
                AssertSecure(
                    templates[Path.GetFileNameWithoutExtension((string)module["path"]!)],
                    [.. given.AsObject().Where(IsSecret).Select(parameter => parameter.Key)]);
            }
        });

        // All of them come up somewhere, or the search proves nothing.
        var all = string.Concat(published.Resources.Select(
            resource => (resource.Value!["deployment"] ?? resource.Value)["params"]?.ToJsonString(ArmJson.Relaxed)));
        Assert.All(SecretParameters.Append("database"), name => Assert.Contains($"{{{name}.", all, StringComparison.Ordinal));
    }

    [BicepFact]
    public async Task Template_has_none()
    {
        using var published = await PublishedTemplate.FromAsync(builder => Declare(builder), Values);

        AssertFilesClean(published.Folder);
        AssertClean("the log", string.Join('\n', published.Log));
        var main = (await BicepCompiler.CompileAsync(published.Folder, Interpolated))["main"];
        AssertSecure(
            main, [.. main["parameters"]!.AsObject().Select(parameter => parameter.Key)
                .Where(name => SecretParameters.Contains(name.Replace('_', '-')))]);
    }

    [Fact]
    public async Task Exports_have_none()
    {
        using var published = await Published.FromAsync(builder => Declare(builder), Values);
        var definition = JobDefinitionFile.Read(published.JobDefinition("worker"));

        foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[
            ("KEDA", KedaExport.Write(definition, new())), ("az", AzExport.Write(definition, new())),
            ("Terraform", TerraformExport.Write(definition, new()))])
        {
            AssertClean(name, text);
            Assert.Contains("bus", text, StringComparison.Ordinal);
        }
    }

    private static bool IsSecret(KeyValuePair<string, JsonNode?> parameter) =>
        SecretParameters.Append("database")
            .Any(name => ((string?)parameter.Value)?.Contains($"{{{name}.", StringComparison.Ordinal) == true);

    private IResourceBuilder<ExecutableResource> Declare(IDistributedApplicationBuilder builder)
    {
        builder.AddAzureContainerAppEnvironment("env");
        var token = builder.AddParameter("token", secret: true);
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs");
        return builder.AddExecutable("worker", "true", _folder.FullName)
            .WithReference(jobs)
            .WithReference(builder.AddConnectionString("database"))
            .WithEnvironment("API_KEY", builder.AddParameter("api-key", secret: true))
            .WithEnvironment("DSN", ReferenceExpression.Create($"user=shop;password={builder.AddParameter("db-password", secret: true)}"))
            .WithArgs("--token", token.Resource)
            .AsEventJob(jobs)
            .WithScalerConnection(builder.AddParameter("bus-connection", secret: true))
            .WithScaleRule(
                "postbox", "rabbitmq", new Dictionary<string, string> { ["queueName"] = "post" },
                builder.AddParameter("rabbit-host", secret: true), "host")
            .PublishAsDockerFile(container => container.WithArgs("--token", token.Resource));
    }

    private static ParameterResource Parameter(IDistributedApplicationBuilder builder, string name) =>
        builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == name);

    /// <summary>
    /// What the given parameters of a template become: secure, in no output, and in a resource only a secret or an argument (KJ041).
    /// </summary>
    private static void AssertSecure(JsonObject template, IReadOnlyList<string> parameters)
    {
        foreach (var name in parameters)
        {
            Assert.Equal("securestring", ((string)template["parameters"]![name]!["type"]!).ToLowerInvariant());
            Assert.DoesNotContain(
                $"parameters('{name}')", template["outputs"]?.ToJsonString(ArmJson.Relaxed) ?? "", StringComparison.Ordinal);
        }

        var resources = JsonNode.Parse(template["resources"]!.ToJsonString())!;
        foreach (var job in resources is JsonArray list ? [.. list] : resources.AsObject().Select(resource => resource.Value))
        {
            (job!["properties"]?["configuration"] as JsonObject)?.Remove("secrets");
            (job["properties"]?["template"]?["containers"]?[0] as JsonObject)?.Remove("args");
        }

        Assert.All(
            parameters,
            name => Assert.DoesNotContain($"parameters('{name}')", resources.ToJsonString(ArmJson.Relaxed), StringComparison.Ordinal));
    }

    private static void AssertFilesClean(string folder) => Assert.All(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories),
        file => AssertClean(Path.GetRelativePath(folder, file), File.ReadAllText(file)));

    private static void AssertClean(string what, string text)
    {
        Assert.NotEqual("", text);
        var position = text.IndexOf(Mark, StringComparison.Ordinal);
        Assert.True(
            position < 0, $"{what}: ...{(position < 0 ? "" : text[Math.Max(0, position - 200)..Math.Min(text.Length, position + 60)])}...");
    }

    /// <summary>
    /// Everything that resources show meanwhile, but for what the dashboard masks: properties that are
    /// sensitive, and values of the environment.
    /// </summary>
    private static async Task<List<string>> WatchAsync(DistributedApplication app, CancellationToken stopped)
    {
        var shown = new List<string>();
        try
        {
            await foreach (var update in app.ResourceNotifications.WatchAsync(stopped))
            {
                var snapshot = update.Snapshot;
                shown.Add($"{update.ResourceId} {snapshot.State?.Text}");
                shown.AddRange(snapshot.Properties.Where(property => !property.IsSensitive)
                    .Select(property => $"{update.ResourceId} {property.Name}={Text(property.Value)}"));
                shown.AddRange(snapshot.Urls.Select(url => $"{update.ResourceId} {url.Url}"));
                shown.AddRange(snapshot.HealthReports.Select(
                    report => $"{update.ResourceId} {report.Name}: {report.Description} {report.ExceptionText}"));
            }
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            // The test has seen enough.
        }

        return shown;
    }

    private static string Text(object? value) =>
        value is not string and System.Collections.IEnumerable list ? string.Join(' ', list.Cast<object?>()) : $"{value}";

    private static async Task<string> LogAsync(DistributedApplication app, string resource)
    {
        var lines = new List<string>();
        var id = app.ResourceNotifications.TryGetCurrentState(resource, out var current) ? current.ResourceId : resource;
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(id))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return string.Join('\n', lines);
    }
}
