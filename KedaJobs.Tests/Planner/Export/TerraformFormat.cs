using System.Diagnostics;

namespace KedaJobs.Tests.Planner.Export;

/// <summary>The real <c>terraform fmt</c> finds nothing to change, which also means that the syntax is right.</summary>
internal static class TerraformFormat
{
    public static async Task AssertFormattedAsync(string text)
    {
        var start = new ProcessStartInfo("terraform", ["fmt", "-check", "-diff", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{await output}{await error}");
    }
}

/// <summary>A test that needs terraform on the path.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TerraformFactAttribute : FactAttribute
{
    public TerraformFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "terraform.exe" : "terraform"))))
        {
            Skip = "skipped: terraform is not installed";
        }
    }
}
