using System.Reflection;

namespace Aspire.Hosting;

public sealed class DistributedApplicationOptions
{
    private string? _projectDirectory;

    public string[]? Args { get; set; }

    public string? AssemblyName { get; set; }

    public string? ContainerRegistryOverride { get; set; }

    public string? DashboardApplicationName { get; set; }

    public bool DisableDashboard { get; set; }

    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Also writes every resource's console lines to the AppHost's own log.</summary>
    public bool EnableResourceLogging { get; set; }

    public string? ProjectDirectory
    {
        get => _projectDirectory ?? Metadata("AppHostProjectPath");
        set => _projectDirectory = value;
    }

    internal string? ProjectName => Metadata("AppHostProjectName");

    internal Assembly? Assembly => AssemblyName is { Length: > 0 } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();

    private string? Metadata(string key) => Assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => string.Equals(a.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
