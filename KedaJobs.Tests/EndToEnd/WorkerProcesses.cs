using System.Diagnostics;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>
/// Processes that run this checkout's worker on one broker: other tests start workers on brokers of their own at the same time.
/// </summary>
internal static class WorkerProcesses
{
    private static readonly string Program = Path.Combine(Repository.Root, "KedaJobs.Worker", "bin");

    /// <param name="connectionString">What the worker has as its connection "jobs".</param>
    public static int Count(string connectionString) => Process.GetProcesses().Count(process => IsWorker(process, connectionString));

    private static bool IsWorker(Process process, string connectionString)
    {
        using (process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(Program, StringComparison.Ordinal)
                    && File.ReadAllText($"/proc/{process.Id}/environ")
                        .Contains($"ConnectionStrings__jobs={connectionString}", StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has gone in the meantime, or belongs to somebody else.
                return false;
            }
        }
    }
}
