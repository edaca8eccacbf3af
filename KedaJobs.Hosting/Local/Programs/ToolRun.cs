using System.Diagnostics;

namespace KedaJobs.Hosting.Local.Programs;

/// <summary>The result of a command line tool.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a tool to its end, and kills it with all that it started if the caller no longer waits.</summary>
    /// <param name="tool">The tool. Its output is redirected here.</param>
    /// <param name="cancellationToken">Ends the wait, and the tool.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static async Task<ToolRun> OfAsync(ProcessStartInfo tool, CancellationToken cancellationToken)
    {
        tool.RedirectStandardOutput = true;
        tool.RedirectStandardError = true;
        using var process = Process.Start(tool)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }
}
