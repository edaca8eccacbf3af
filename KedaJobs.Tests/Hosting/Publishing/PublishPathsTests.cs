using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>
/// Two ways lead to Azure: what <c>azd</c> reads (the manifest, with a module for each resource) and what <c>aspire publish</c> writes
/// (main.bicep, with a folder for each). One AppHost means the same resources either way.
/// </summary>
public class PublishPathsTests(EverythingDeclared azd) : IClassFixture<EverythingDeclared>
{
    // Values that a template has as parameters, and azd asks for.
    private static readonly string[] Values =
    [
        .. ((string[])["shop-name", "shop-group", "team", "squad", "archive-batch", "api-token", "api-key"])
            .Select(name => $"--Parameters:{name}=v"),
        "--ConnectionStrings:cache=c",
    ];

    [BicepFact]
    public async Task Both_ways_describe_the_same_resources()
    {
        using var aspire = await PublishedTemplate.FromAsync(EverythingDeclared.Declare, Values);
        var fromManifest = (await azd.TemplatesAsync()).ToDictionary(
            template => template.Key.Replace(".module", "", StringComparison.Ordinal)
                .Replace("-containerapp", "", StringComparison.Ordinal),
            template => template.Value);
        var fromTemplate = (await BicepCompiler.CompileAsync(aspire.Folder)).ToDictionary();
        fromTemplate.Remove("main", out var main);

        Assert.Equal(fromManifest.Keys.Order(StringComparer.Ordinal), fromTemplate.Keys.Order(StringComparer.Ordinal));
        Assert.All(fromManifest, module => AssertSame(module.Key, module.Value, fromTemplate[module.Key]));

        // The jobs and the site need images, and are deployed after the rest.
        var deployed = ArmJson.Resources(main!).Where(resource => (string)resource["type"]! == "Microsoft.Resources/deployments")
            .ToDictionary(resource => (string)resource["name"]!);
        string[] applications =
        [
            .. azd.Published.Resources.Where(resource => resource.Value!["deployment"] is not null).Select(resource => resource.Key)
        ];
        Assert.Equal(["migrate", "report", "site", "worker"], applications.Order(StringComparer.Ordinal));
        Assert.Equal(fromManifest.Keys.Except(applications).Order(StringComparer.Ordinal), deployed.Keys.Order(StringComparer.Ordinal));
        Assert.All(
            deployed, module => AssertSame(module.Key, fromManifest[module.Key], module.Value["properties"]!["template"]!.AsObject()));
        Assert.All(
            deployed,
            module => AssertSameArguments(
                module.Key, azd.Published.Resources[module.Key]!, module.Value["properties"]!["parameters"]!.AsObject()));
        Assert.All(deployed, module => Assert.Equal(
            azd.Published.Resources[module.Key]!["scope"] is null ? "[parameters('resourceGroupName')]" : "[parameters('shop_group')]",
            (string?)module.Value["resourceGroup"]));
    }

    [Fact]
    public async Task Both_ways_write_the_same_definitions()
    {
        using var aspire = await PublishedTemplate.FromAsync(EverythingDeclared.Declare, Values);

        string[] definitions =
        [
            .. Directory.EnumerateFiles(Path.Combine(azd.Published.Folder, "jobs")).Select(file => Path.GetFileName(file))
        ];
        Assert.NotEmpty(definitions);
        Assert.All(definitions, file => Assert.Equal(
            File.ReadAllText(Path.Combine(azd.Published.Folder, "jobs", file)),
            File.ReadAllText(Path.Combine(aspire.Folder, "jobs", file))));
    }

    private static void AssertSame(string module, JsonObject expected, JsonObject actual)
    {
        foreach (var part in (string[])["parameters", "variables", "resources", "outputs"])
        {
            Assert.True(
                JsonNode.DeepEquals(expected[part], actual[part]),
                $"{part} of {module}: "
                    + $"{expected[part]?.ToJsonString(ArmJson.Relaxed)}\nis not {actual[part]?.ToJsonString(ArmJson.Relaxed)}");
        }
    }

    // "{messaging.outputs.name}" in the manifest is a reference to that output of the deployment 'messaging' in the template.
    private static void AssertSameArguments(string module, JsonNode entry, JsonObject actual)
    {
        var expected = entry["params"]?.AsObject().ToDictionary(parameter => parameter.Key, parameter => (string)parameter.Value!) ?? [];
        Assert.Equal(
            expected.Keys.Append("location").Order(StringComparer.Ordinal),
            actual.Select(parameter => parameter.Key).Order(StringComparer.Ordinal));
        foreach (var (name, value) in expected.Where(parameter => parameter.Value.StartsWith('{')))
        {
            string[] words = value.Trim('{', '}').Split('.');
            var text = actual[name]!["value"]!.ToJsonString(ArmJson.Relaxed);
            Assert.True(
                words is [var parameter, "value"]
                    ? text.Contains($"parameters('{parameter.Replace('-', '_')}')", StringComparison.Ordinal)
                    : text.Contains($"'{words[0]}'", StringComparison.Ordinal)
                        && text.Contains($"outputs.{words[2]}.value", StringComparison.Ordinal),
                $"{name} of {module}: {value} is not {text}");
        }
    }
}
