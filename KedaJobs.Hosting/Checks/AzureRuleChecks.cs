using System.Text.RegularExpressions;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// How rules of KEDA's Azure scalers name the cloud, and resources in it. Sources: KEDA's <c>pkg/scalers/azure</c> (clouds), and its
/// scalers, which append the cloud's suffix to names.
/// </summary>
internal static partial class AzureRuleChecks
{
    private const string PrivateCloud = "Private";

    // KEDA reads them case-insensitively.
    private static readonly string[] Clouds =
    [
        "AzurePublicCloud", "AzureUSGovernmentCloud", "AzureChinaCloud", "AzureGermanCloud", PrivateCloud, "AzureCloud",
        "AzureUSGovernment",
    ];

    /// <summary>
    /// For the scalers that take the cloud from their metadata: what says in a private cloud where things are, and
    /// whether only rules with an identity ask.
    /// </summary>
    private static readonly Dictionary<string, (string Private, bool OnlyWithIdentity)> CloudScalers = new(StringComparer.Ordinal)
    {
        ["azure-app-insights"] = ("appInsightsResourceURL", false),
        ["azure-blob"] = ("endpointSuffix", true),
        ["azure-eventhub"] = ("storageEndpointSuffix", true),
        ["azure-log-analytics"] = ("logAnalyticsResourceURL", false),
        ["azure-monitor"] = ("azureResourceManagerEndpoint", false),
        ["azure-queue"] = ("endpointSuffix", true),
        [ScaleRuleChecks.ServiceBusType] = ("endpointSuffix", true),
    };

    /// <summary>Metadata that is the name of a resource, to which the scaler appends the cloud's suffix.</summary>
    private static readonly (string Type, string Name)[] PlainNames =
    [
        (ScaleRuleChecks.ServiceBusType, "namespace"),
        ("azure-eventhub", "eventHubNamespace"),
        ("azure-eventhub", "storageAccountName"),
        ("azure-blob", "accountName"),
        ("azure-queue", "accountName"),
    ];

    /// <summary>A rule that looks in the public cloud, of a job that is published to another one.</summary>
    public static IEnumerable<CheckFinding> Run(CheckedJob job, CheckedScaleRule rule)
    {
        if (job.Options.Cloud.KedaName() is { } cloud && AsksForCloud(rule) && !rule.Has("cloud"))
        {
            yield return new(CheckCode.PublicCloud, job.Resource,
                $"scale rule '{rule.Name}' names no cloud, so it uses the public cloud, but the job is published to {job.Options.Cloud}.",
                $"Write metadata \"cloud\" = \"{cloud}\", or \"AzurePublicCloud\" if that is what you mean.");
        }
    }

    public static IEnumerable<(string Problem, string Cure)> Problems(CheckedScaleRule rule)
    {
        if (AsksForCloud(rule) && rule.Metadata.GetValueOrDefault("cloud") is { Length: > 0 } cloud)
        {
            var scaler = CloudScalers[rule.Type];
            if (!Clouds.Contains(cloud, StringComparer.OrdinalIgnoreCase))
            {
                yield return (
                    $"cloud is '{cloud}'.",
                    $"Write {string.Join(", ", Clouds.Take(5).Select(name => $"\"{name}\""))}, or leave it out for the public cloud.");
            }
            else if (cloud.Equals(PrivateCloud, StringComparison.OrdinalIgnoreCase) && !rule.Has(scaler.Private))
            {
                yield return (
                    $"cloud is '{cloud}', and {scaler.Private} is missing.",
                    $"Write the suffix of the cloud's addresses, or the address itself, as metadata \"{scaler.Private}\".");
            }
        }

        foreach (var (_, name) in PlainNames.Where(plain => plain.Type == rule.Type))
        {
            if (rule.Metadata.GetValueOrDefault(name) is { Length: > 0 } value && Address().Match(value) is { Success: true } address)
            {
                yield return (
                    $"{name} is '{value}', which is an address, but the scaler expects the name and appends the cloud's suffix itself.",
                    $"Write \"{address.Groups["name"].Value}\".");
            }
        }
    }

    private static bool AsksForCloud(CheckedScaleRule rule) =>
        CloudScalers.TryGetValue(rule.Type, out var scaler) && (rule.HasIdentity || !scaler.OnlyWithIdentity);

    // With a scheme before it, or a domain after it.
    [GeneratedRegex(@"\A(?:[A-Za-z]+://(?<name>[^./]*).*|(?<name>[^./]+)[./].*)\z")]
    private static partial Regex Address();
}
