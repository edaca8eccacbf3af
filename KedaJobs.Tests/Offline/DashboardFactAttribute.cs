using System.Reflection;

namespace KedaJobs.Tests.Offline;

/// <summary>A test with the real dashboard, which ./run and ./test install.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DashboardFactAttribute : FactAttribute
{
    public DashboardFactAttribute()
    {
        if (!File.Exists(ExecutablePath))
        {
            Skip = "The dashboard is not installed: ./test installs it.";
        }
    }

    /// <summary>Where the AppHost looks for it.</summary>
    public static string ExecutablePath { get; } = typeof(Projects.KedaJobs_AppHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "aspiredashboardpath").Value!;
}
