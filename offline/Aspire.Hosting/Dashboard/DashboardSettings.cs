using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>Where the dashboard and its services listen, and the keys between them: from the AppHost's launch settings and configuration.</summary>
internal sealed record DashboardSettings
{
    public required string ApplicationName { get; init; }

    /// <summary>One or more URLs, separated by semicolons.</summary>
    public required string FrontendUrls { get; init; }

    public string? OtlpGrpcUrl { get; init; }

    public string? OtlpHttpUrl { get; init; }

    /// <summary>Absent: a free port of this machine's own choice.</summary>
    public string? ResourceServiceUrl { get; init; }

    public bool AllowUnsecuredTransport { get; init; }

    /// <summary>Keys are absent when everybody on this machine may look.</summary>
    public string? BrowserToken { get; init; }

    public string? OtlpApiKey { get; init; }

    public string? ApiKey { get; init; }

    public string? ResourceServiceApiKey { get; init; }

    /// <summary>The dashboard's executable; may be missing.</summary>
    public required string ExecutablePath { get; init; }

    /// <summary>A folder for what the dashboard writes into its user's home.</summary>
    public required string HomePath { get; init; }

    public static DashboardSettings From(
        IConfiguration configuration,
        string applicationName,
        bool allowUnsecuredTransport,
        string executablePath,
        string homePath)
    {
        const string suffix = ".AppHost";
        return new DashboardSettings
        {
            ApplicationName = applicationName.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                ? applicationName[..^suffix.Length]
                : applicationName,
            FrontendUrls = Setting(configuration, "ASPNETCORE_URLS")
                ?? throw new StartRefusedException(
                    "The dashboard has no address: set ASPNETCORE_URLS, or start the AppHost with a launch profile that has an applicationUrl."),
            OtlpGrpcUrl = Setting(configuration, "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"),
            OtlpHttpUrl = Setting(configuration, "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"),
            ResourceServiceUrl = Setting(configuration, "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"),
            AllowUnsecuredTransport = allowUnsecuredTransport || configuration.GetValue<bool>("ASPIRE_ALLOW_UNSECURED_TRANSPORT"),
            BrowserToken = Setting(configuration, "AppHost:BrowserToken"),
            OtlpApiKey = Setting(configuration, "AppHost:OtlpApiKey"),
            ApiKey = Setting(configuration, "AppHost:DashboardApiKey"),
            ResourceServiceApiKey = Setting(configuration, "AppHost:ResourceService:ApiKey"),
            ExecutablePath = executablePath,
            HomePath = homePath,
        };
    }

    /// <summary>Throws when an address is missing, is not one of this machine, or is plain http without leave.</summary>
    public void Validate()
    {
        if (OtlpGrpcUrl is null && OtlpHttpUrl is null)
        {
            throw new StartRefusedException(
                "The dashboard has no address for telemetry: set ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL in the AppHost's launch profile.");
        }

        foreach (var (setting, urls) in Addresses)
        {
            foreach (var text in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                {
                    throw new StartRefusedException($"{setting} must be an http or https URL, but is '{text}'.");
                }

                if (!url.IsLoopback)
                {
                    throw new StartRefusedException($"{setting} must be an address of this machine (localhost), but is '{text}'.");
                }

                if (urls == ResourceServiceUrl && url.Scheme != "http")
                {
                    throw new StartRefusedException($"{setting} must be a plain http address of this machine, but is '{text}'.");
                }

                if (url.Scheme == "http" && !AllowUnsecuredTransport)
                {
                    throw new StartRefusedException(
                        $"{setting} is plain http ('{text}'): use https, or set ASPIRE_ALLOW_UNSECURED_TRANSPORT=true in the AppHost's launch profile.");
                }
            }
        }
    }

    /// <summary>Each configured address with the setting that it comes from.</summary>
    public IEnumerable<(string Setting, string Urls)> Addresses
    {
        get
        {
            yield return ("ASPNETCORE_URLS", FrontendUrls);
            if (OtlpGrpcUrl is not null)
            {
                yield return ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", OtlpGrpcUrl);
            }

            if (OtlpHttpUrl is not null)
            {
                yield return ("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", OtlpHttpUrl);
            }

            if (ResourceServiceUrl is not null)
            {
                yield return ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", ResourceServiceUrl);
            }
        }
    }

    /// <summary>The environment that the dashboard is started with.</summary>
    /// <param name="resourceServiceUrl">Where the resource service listens now.</param>
    /// <param name="processId">The process whose end is also the dashboard's.</param>
    public IReadOnlyDictionary<string, string?> Environment(string resourceServiceUrl, int processId)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["DOTNET_ENVIRONMENT"] = "Production",
            ["DOTNET_LAUNCH_PROFILE"] = null,
            ["ASPNETCORE_URLS"] = FrontendUrls,
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = OtlpGrpcUrl,
            ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = OtlpHttpUrl,
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = resourceServiceUrl,
            // The dashboard ends by itself when this process is gone, however it went.
            ["ASPIRE_CLI_PID"] = processId.ToString(CultureInfo.InvariantCulture),
            ["ASPIRE_CLI_STARTED"] = null,
            ["HOME"] = HomePath,
        };
        Secure("DASHBOARD__FRONTEND", "BrowserToken", "BROWSERTOKEN", BrowserToken);
        Secure("DASHBOARD__OTLP", "ApiKey", "PRIMARYAPIKEY", OtlpApiKey);
        Secure("DASHBOARD__API", "ApiKey", "PRIMARYAPIKEY", ApiKey);
        Secure("DASHBOARD__RESOURCESERVICECLIENT", "ApiKey", "APIKEY", ResourceServiceApiKey);
        return environment;

        void Secure(string section, string mode, string name, string? key)
        {
            environment[$"{section}__AUTHMODE"] = key is null ? "Unsecured" : mode;
            environment[$"{section}__{name}"] = key;
        }
    }

    private static string? Setting(IConfiguration configuration, string key) => configuration[key] is { Length: > 0 } value ? value : null;
}
