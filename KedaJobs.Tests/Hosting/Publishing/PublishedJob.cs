using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>A worker with a queue, published and compiled to ARM: what Azure is told of it.</summary>
internal sealed class PublishedJob(IReadOnlyDictionary<string, JsonObject> templates, JsonObject manifest)
{
    public JsonObject Job => ArmJson.Resources(Template).Single(resource => (string?)resource["type"] == "Microsoft.App/jobs");

    public JsonObject Template => templates["worker-containerapp.module"];

    public JsonObject Configuration => Job["properties"]!["configuration"]!.AsObject();

    public JsonObject Scale => Configuration["eventTriggerConfig"]!["scale"]!.AsObject();

    public IEnumerable<string> Modules =>
        templates.Keys.Select(name => name.Replace(".module", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public JsonObject Manifest => manifest;

    public IEnumerable<string> RolesIn(string module) => ArmJson.RoleIds(templates[$"{module}.module"]);

    public static Task<PublishedJob> OfAsync(
        Action<IDistributedApplicationBuilder, IResourceBuilder<ProjectResource>> customize, Action<EventJobOptions>? configure = null) =>
        OfModelAsync((builder, messaging) =>
        {
            var jobs = messaging.AddServiceBusQueue("jobs");
            var worker = builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs)
                .AsEventJob(jobs, configure);
            customize(builder, worker);
        });

    public static async Task<PublishedJob> OfModelAsync(
        Action<IDistributedApplicationBuilder, IResourceBuilder<AzureServiceBusResource>> declare)
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            declare(builder, builder.AddAzureServiceBus("messaging"));
        });
        return new(await BicepCompiler.CompileAsync(published.Folder), published.Manifest);
    }
}
