using System.Text.Json.Nodes;
using Aspire.Hosting;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>Ports, secrets and values of applications and jobs, as the compiler sees them.</summary>
public class AzureContainerAppTests(EveryFeature everything) : IClassFixture<EveryFeature>
{
    [BicepFact]
    public async Task One_http_port_is_the_ingress_and_the_others_are_additional()
    {
        var app = await everything.ResourceAsync("gateway");

        ArmJson.AssertSame("""
            {
              "external": true,
              "targetPort": "[int(parameters('gateway_containerport'))]",
              "transport": "http",
              "additionalPortMappings": [
                { "external": false, "targetPort": 9000 }, { "external": false, "targetPort": 9001 }, { "external": false, "targetPort": 9002 }
              ]
            }
            """, app["properties"]!["configuration"]!["ingress"]);
        var ports = Environment(app).Single(variable => (string?)variable["name"] == "HTTP_PORTS");
        Assert.Equal("[format('{0};9000;9001', parameters('gateway_containerport'))]", (string?)ports["value"]);
    }

    [BicepFact]
    public async Task Additional_ports_are_reached_by_the_applications_name_and_the_ingress_below_the_domain()
    {
        var job = await everything.ResourceAsync("worker");

        var environment = Environment(job).ToDictionary(variable => (string)variable["name"]!, variable => (string?)variable["value"]);
        Assert.Equal("http://gateway:9000", environment["ADMIN"]);
        Assert.Equal(
            "[format('https://gateway.{0}', parameters('cae1_outputs_azure_container_apps_environment_default_domain'))]",
            environment["SITE"]);
        Assert.Equal("""["--fast","gateway:9002"]""", job["properties"]!["template"]!["containers"]![0]!["args"]!.ToJsonString());
    }

    [Theory]
    [InlineData("two open ones", "Multiple external endpoints")]
    [InlineData("an open one that is not http", "External non-HTTP(s) endpoints")]
    public async Task Endpoints_that_container_apps_cannot_have_are_refused(string endpoints, string expected)
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var web = builder.AddProject<SampleProjects.Web>("web", launchProfileName: null);
            _ = endpoints == "two open ones"
                ? web.WithHttpEndpoint(targetPort: 1, name: "a").WithHttpEndpoint(targetPort: 2, name: "b").WithExternalHttpEndpoints()
                : web.WithEndpoint(targetPort: 1, name: "a", isExternal: true);
        });

        Assert.Contains(expected, error.Message);
    }

    [BicepFact]
    public async Task Two_variables_of_one_name_to_azure_share_a_secret()
    {
        // ConnectionStrings__shop-database, and the same without the hyphen that not every shell takes.
        var job = await everything.ResourceAsync("worker");
        ArmJson.AssertSame("""
            [
              { "name": "connectionstrings--shop-database", "value": "[parameters('shop_database_connectionstring')]" },
              { "name": "api-key", "value": "[parameters('api_key_value')]" }
            ]
            """, job["properties"]!["configuration"]!["secrets"]);
        Assert.Equal(
            ["connectionstrings--shop-database", "connectionstrings--shop-database", "api-key"],
            Environment(job).Select(variable => (string?)variable["secretRef"]).Where(secret => secret is not null));
    }

    [Theory]
    [InlineData("environment")]
    [InlineData("arguments")]
    public async Task A_value_that_is_neither_text_nor_an_expression_is_refused(string where)
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var worker = builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null);
            _ = where == "environment"
                ? worker.WithEnvironment(context => context.EnvironmentVariables["N"] = 2)
                : worker.WithArgs(context => context.Args.Add(2));
        });

        Assert.Contains("Unsupported value type System.Int32", error.Message);
    }

    [Fact]
    public async Task Parameters_come_as_the_environment_asks_for_them_then_the_arguments_then_the_identity_and_last_the_registry()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var (first, second) = (builder.AddParameter("first"), builder.AddParameter("second"));
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithArgs(context => context.Args.Add(second.Resource)).WithEnvironment("FIRST", first)
                .WithReference(builder.AddAzureServiceBus("messaging"))
                .PublishAsAzureContainerAppJob();
        });

        Assert.Equal(
            [
                "location", "env_outputs_azure_container_apps_environment_default_domain",
                "env_outputs_azure_container_apps_environment_id", "worker_containerimage", "worker_identity_outputs_id", "first_value",
                "messaging_outputs_servicebusendpoint", "messaging_outputs_servicebushostname", "second_value",
                "worker_identity_outputs_clientid", "env_outputs_azure_container_registry_endpoint",
                "env_outputs_azure_container_registry_managed_identity_id",
            ],
            published.Module("worker-containerapp").Split('\n').Where(line => line.StartsWith("param ", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[1]));
    }

    [Fact]
    public async Task A_customization_is_called_for_every_time_that_the_module_is_written()
    {
        var calls = 0;
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).PublishAsAzureContainerAppJob((_, _) => calls++);
        });

        Assert.Equal(2, calls);
    }

    [BicepFact]
    public async Task An_empty_list_of_roles_still_makes_an_identity_and_a_module()
    {
        var published = everything.Published;
        var templates = await everything.TemplatesAsync();

        Assert.Contains("gateway-identity", published.Resources.Select(resource => resource.Key));
        Assert.Empty(ArmJson.RoleIds(templates["gateway-roles-messaging.module"]));
        Assert.Contains("AZURE_CLIENT_ID", published.Module("gateway-containerapp"));
    }

    [Fact]
    public void The_name_of_an_environment_holds_letters_only() =>
        Assert.Contains("name: take('cae${uniqueString(resourceGroup().id)}', 24)", everything.Published.Module("cae1"));

    [Fact]
    public async Task Probes_and_mounts_are_refused_rather_than_left_out()
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            builder.AddContainer("cache", "cache").WithVolume("data", "/data");
        });

        Assert.Contains("'cache' has mounts or probes", error.Message);
    }

    private static IEnumerable<JsonObject> Environment(JsonObject resource) =>
        resource["properties"]!["template"]!["containers"]![0]!["env"]!.AsArray().Select(variable => variable!.AsObject());
}
