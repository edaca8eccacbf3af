using System.Globalization;
using System.Security.Cryptography;
using KedaJobs.ServiceBus;
using Microsoft.Extensions.Configuration;

namespace KedaJobs.Hosting.Broker;

/// <summary>What the AppHost's configuration says about the embedded broker.</summary>
internal sealed record BrokerSettings(int Port, string? DataDirectory)
{
    private const string PortKey = "KedaJobs:BrokerPort";
    private const string DataDirectoryKey = "KedaJobs:BrokerDataDirectory";
    private const string ManagementPortKey = "KedaJobs:BrokerManagementPort";
    private const string TlsKey = "KedaJobs:BrokerTls";
    private const string AcceptRemoteKey = "KedaJobs:BrokerAcceptRemote";
    private const string RemoteKeyKey = "KedaJobs:BrokerKey";

    /// <summary>A second port for the management API, or null for none.</summary>
    public int? ManagementPort { get; init; }

    /// <summary>Whether clients can also connect with TLS, with ASP.NET Core's development certificate.</summary>
    public bool Tls { get; init; }

    /// <summary>The key with which other machines and containers can connect; null if they cannot.</summary>
    public string? RemoteKey { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The AppHost's configuration.</param>
    /// <param name="declaredPort">The port that the AppHost declares; the configuration takes precedence.</param>
    /// <param name="appHostDirectory">What a relative data directory is relative to, wherever the AppHost is started from.</param>
    /// <exception cref="JobDeclarationException">A value is invalid.</exception>
    public static BrokerSettings Read(IConfiguration configuration, int declaredPort, string appHostDirectory) => new(
        configuration[PortKey] is { Length: > 0 } port ? PortOf(PortKey, port) : declaredPort,
        configuration[DataDirectoryKey] is { Length: > 0 } directory ? Path.GetFullPath(directory, appHostDirectory) : null)
    {
        ManagementPort = configuration[ManagementPortKey] is { Length: > 0 } managementPort
            ? PortOf(ManagementPortKey, managementPort)
            : null,
        Tls = IsOn(configuration, TlsKey),
        RemoteKey = RemoteKeyOf(configuration),
    };

    private static int PortOf(string key, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? port
            : throw new JobDeclarationException($"{key} is '{text}'. Write a port from 1 to 65535, or 0 for any free one.");

    private static bool IsOn(IConfiguration configuration, string key) =>
        configuration[key] is { Length: > 0 } text
        && (bool.TryParse(text, out var isOn) ? isOn : throw new JobDeclarationException($"{key} is '{text}'. Write true or false."));

    /// <summary>The configured key, or one generated for this run.</summary>
    private static string? RemoteKeyOf(IConfiguration configuration)
    {
        var given = configuration[RemoteKeyKey] is { Length: > 0 } key ? key : null;
        if (!IsOn(configuration, AcceptRemoteKey))
        {
            return given is null
                ? null
                : throw new JobDeclarationException(
                    $"{RemoteKeyKey} is the key for connections from other machines and containers, but such connections are not accepted. "
                    + $"Set {AcceptRemoteKey}=true, or remove the key.");
        }

        if (given == SharedAccessRule.DefaultKey)
        {
            throw new JobDeclarationException(
                $"{RemoteKeyKey} is the official emulator's well-known key. "
                + "Use your own key, or remove the setting to generate a key for each run.");
        }

        if (given?.Contains(';', StringComparison.Ordinal) == true)
        {
            throw new JobDeclarationException(
                $"{RemoteKeyKey} contains a ';', which ends a value in a connection string. Use another key.");
        }

        return given ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    }
}
