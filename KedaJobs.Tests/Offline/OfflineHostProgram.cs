using Aspire.Hosting;

namespace KedaJobs.Tests.Offline;

/// <summary>
/// An AppHost that tests start as a process of its own, to kill it: the test assembly itself, told by its first argument. As the program that the
/// test SDK would generate, it does nothing otherwise.
/// </summary>
internal static class OfflineHostProgram
{
    public const string Argument = "offline-host";

    /// <summary>A further argument.</summary>
    public const string WithDashboard = "--with-dashboard=true";

    public static void Main(string[] args)
    {
        if (args is not [Argument, .. var rest])
        {
            return;
        }

        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = rest,
            DisableDashboard = !rest.Contains(WithDashboard),
            EnableResourceLogging = true,
            ProjectDirectory = Path.GetTempPath(),
        });
        builder.AddExecutable("family", "sh", ".", "-c", "sleep 600 & echo \"PID $!\"; echo \"PID $$\"; trap 'echo family says goodbye; exit 0' TERM; wait");
        builder.Build().Run();
        Console.WriteLine("host ended");
    }
}
