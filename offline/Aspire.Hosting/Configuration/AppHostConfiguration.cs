using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Configuration;

/// <summary>Adds what the AppHost itself reads: its command line switches, its own facts, and secrets of this run.</summary>
internal static class AppHostConfiguration
{
    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--step"] = "Pipeline:Step",
        ["--list-steps"] = "Pipeline:ListSteps",
        ["--log-level"] = "Pipeline:LogLevel",
        ["--include-exception-details"] = "Pipeline:IncludeExceptionDetails",
        ["--clear-cache"] = "Pipeline:ClearCache",
        ["--yes"] = "Pipeline:SkipConfirmation",
        ["--dcp-cli-path"] = "DcpPublisher:CliPath",
        ["--dcp-container-runtime"] = "DcpPublisher:ContainerRuntime",
        ["--dcp-dashboard-path"] = "DcpPublisher:DashboardPath",
    };

    public static void Apply(HostApplicationBuilder builder, DistributedApplicationOptions options, string appHostDirectory, string projectName)
    {
        var configuration = builder.Configuration;
        configuration.AddCommandLine(options.Args ?? [], Switches);
        var path = Path.Combine(appHostDirectory, projectName);
        var facts = new Dictionary<string, string?>
        {
            ["AppHost:Directory"] = appHostDirectory,
            ["AppHost:Path"] = path,
            ["AppHost:ProjectName"] = projectName,
            ["AppHost:DashboardApplicationName"] = options.DashboardApplicationName ?? projectName,
            ["AppHost:Sha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path))),
            ["AppHost:DefaultLaunchProfileName"] = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"],
        };
        if (!options.DisableDashboard)
        {
            AddDashboardSecrets(configuration, facts);
        }

        configuration.AddInMemoryCollection(facts);
    }

    /// <summary>Access to what a run shows is by tokens that only this run knows, unless anonymous access was asked for.</summary>
    private static void AddDashboardSecrets(ConfigurationManager configuration, Dictionary<string, string?> facts)
    {
        if (configuration.GetValue("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", configuration.GetValue("DOTNET_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", false)))
        {
            facts["AppHost:ResourceService:AuthMode"] = "Unsecured";
            return;
        }

        facts["AppHost:BrowserToken"] = configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? configuration["AppHost:BrowserToken"] ?? Token();
        facts["AppHost:OtlpApiKey"] = configuration["AppHost:OtlpApiKey"] ?? Token();
        facts["AppHost:DashboardApiKey"] = configuration["AppHost:DashboardApiKey"] ?? Token();
        facts["AppHost:ResourceService:AuthMode"] = "ApiKey";
        facts["AppHost:ResourceService:ApiKey"] = configuration["ASPIRE_DASHBOARD_RESOURCESERVICE_APIKEY"] ?? configuration["AppHost:ResourceService:ApiKey"] ?? Token();
    }

    private static string Token() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
