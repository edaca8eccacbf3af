using System.Text;
using KedaJobs.Planner;

namespace KedaJobs.Tests.Planner;

/// <summary>What the planner answered.</summary>
internal sealed record PlannerRun(int ExitCode, string Output, string Error)
{
    public static async Task<PlannerRun> Of(string input, params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var exitCode = await PlannerCommandLine.RunAsync(arguments, new(new MemoryStream(Encoding.UTF8.GetBytes(input)), output, error));
        return new(exitCode, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
