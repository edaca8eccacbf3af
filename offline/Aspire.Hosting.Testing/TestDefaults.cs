using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>What a test wants unless it says otherwise: no dashboard, ports of its own, the AppHost's folder and first launch profile.</summary>
internal static class TestDefaults
{
    public static void Apply(DistributedApplicationOptions options, HostApplicationBuilderSettings settings, Assembly? appHost, string[] args)
    {
        options.Args = args;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        options.AssemblyName ??= appHost?.GetName().Name;

        var folder = Metadata(appHost, "AppHostProjectPath");
        options.ProjectDirectory ??= folder;
        settings.Args = args;
        settings.ApplicationName ??= appHost?.GetName().Name;
        settings.ContentRootPath ??= folder;

        // Below everything else: settings files, the environment and the arguments of the test win.
        var profile = FirstProfile(folder);
        settings.EnvironmentName ??= Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? profile.GetValueOrDefault("DOTNET_ENVIRONMENT")
            ?? profile.GetValueOrDefault("ASPNETCORE_ENVIRONMENT")
            ?? Environments.Development;
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddInMemoryCollection(profile);
        settings.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = "http://localhost:8080",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:4317",
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
            ["DcpPublisher:RandomizePorts"] = "true",
            ["DcpPublisher:WaitForResourceCleanup"] = "true",
            ["DcpPublisher:ContainerRuntimeInitializationTimeout"] = "00:00:30",
        });
    }

    private static string? Metadata(Assembly? assembly, string key) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;

    private static Dictionary<string, string?> FirstProfile(string? folder)
    {
        var file = folder is null ? null : Path.Combine(folder, "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return [];
        }

        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using var json = JsonDocument.Parse(File.ReadAllText(file), options);
        return json.RootElement.TryGetProperty("profiles", out var profiles)
            && profiles.EnumerateObject().FirstOrDefault().Value is { ValueKind: JsonValueKind.Object } first
            && first.TryGetProperty("environmentVariables", out var variables)
                ? variables.EnumerateObject().ToDictionary(v => v.Name, v => (string?)v.Value.ToString())
                : [];
    }
}
