using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace KedaJobs.Hosting.Broker;

/// <summary>What the AppHost's configuration says about the embedded broker.</summary>
internal sealed record BrokerSettings(int Port, string? DataDirectory)
{
    private const string PortKey = "KedaJobs:BrokerPort";
    private const string DataDirectoryKey = "KedaJobs:BrokerDataDirectory";
    private const string ManagementPortKey = "KedaJobs:BrokerManagementPort";
    private const string TlsKey = "KedaJobs:BrokerTls";

    /// <summary>A second port for the management API, or null for none.</summary>
    public int? ManagementPort { get; init; }

    /// <summary>Whether clients can also connect with TLS, with ASP.NET Core's development certificate.</summary>
    public bool Tls { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The AppHost's configuration.</param>
    /// <param name="declaredPort">The port that the AppHost declares; the configuration goes before it.</param>
    /// <param name="appHostDirectory">What a relative data directory is relative to, wherever the AppHost is started from.</param>
    /// <exception cref="JobDeclarationException">A value is none of the allowed ones.</exception>
    public static BrokerSettings Read(IConfiguration configuration, int declaredPort, string appHostDirectory) => new(
        configuration[PortKey] is { Length: > 0 } port ? PortOf(PortKey, port) : declaredPort,
        configuration[DataDirectoryKey] is { Length: > 0 } directory ? Path.GetFullPath(directory, appHostDirectory) : null)
    {
        ManagementPort = configuration[ManagementPortKey] is { Length: > 0 } managementPort ? PortOf(ManagementPortKey, managementPort) : null,
        Tls = configuration[TlsKey] is { Length: > 0 } tls && TlsOf(tls),
    };

    private static int PortOf(string key, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? port
            : throw new JobDeclarationException($"{key} is '{text}'. Write a port from 1 to 65535, or 0 for any free one.");

    private static bool TlsOf(string text) =>
        bool.TryParse(text, out var tls) ? tls : throw new JobDeclarationException($"{TlsKey} is '{text}'. Write true or false.");
}
