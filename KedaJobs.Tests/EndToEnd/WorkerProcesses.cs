using System.Diagnostics;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>Processes that run this checkout's worker, whoever started them.</summary>
internal static class WorkerProcesses
{
    private static readonly string Program = Path.Combine(Repository.Root, "KedaJobs.Worker", "bin");

    public static int Count() => Process.GetProcesses().Count(IsWorker);

    private static bool IsWorker(Process process)
    {
        using (process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(Program, StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has gone in the meantime, or belongs to somebody else.
                return false;
            }
        }
    }
}
