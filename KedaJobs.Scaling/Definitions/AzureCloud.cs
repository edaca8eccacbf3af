using System.Text.Json.Serialization;

namespace KedaJobs.Scaling.Definitions;

/// <summary>The Azure cloud that a job is deployed to. It determines the suffixes of host names.</summary>
[JsonConverter(typeof(CamelCaseEnum<AzureCloud>))]
public enum AzureCloud
{
    /// <summary>The public cloud.</summary>
    Public,

    /// <summary>Azure Government (United States).</summary>
    UsGovernment,

    /// <summary>Azure operated by 21Vianet (China).</summary>
    China,
}

/// <summary>
/// What follows from the cloud. Source: the endpoints that Azure documents for each cloud, and KEDA's azure-servicebus scaler.
/// </summary>
public static class AzureClouds
{
    /// <summary>
    /// What follows a namespace's name in its host name, without the dot: <c>servicebus.windows.net</c> in the public cloud.
    /// </summary>
    /// <param name="cloud">The cloud.</param>
    /// <returns>The suffix.</returns>
    public static string ServiceBusSuffix(this AzureCloud cloud) => cloud switch
    {
        AzureCloud.Public => "servicebus.windows.net",
        AzureCloud.UsGovernment => "servicebus.usgovcloudapi.net",
        AzureCloud.China => "servicebus.chinacloudapi.cn",
        _ => throw new ArgumentOutOfRangeException(nameof(cloud), cloud, null),
    };

    /// <summary>
    /// What follows a container registry's name in its host name, without the dot: <c>azurecr.io</c> in the public cloud.
    /// </summary>
    /// <param name="cloud">The cloud.</param>
    /// <returns>The suffix.</returns>
    public static string RegistrySuffix(this AzureCloud cloud) => cloud switch
    {
        AzureCloud.Public => "azurecr.io",
        AzureCloud.UsGovernment => "azurecr.us",
        AzureCloud.China => "azurecr.cn",
        _ => throw new ArgumentOutOfRangeException(nameof(cloud), cloud, null),
    };

    /// <summary>The value of the <c>cloud</c> metadata of KEDA's Azure scalers; null for their default, the public cloud.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <returns>The value, or null.</returns>
    public static string? KedaName(this AzureCloud cloud) => cloud switch
    {
        AzureCloud.Public => null,
        AzureCloud.UsGovernment => "AzureUSGovernmentCloud",
        AzureCloud.China => "AzureChinaCloud",
        _ => throw new ArgumentOutOfRangeException(nameof(cloud), cloud, null),
    };
}
