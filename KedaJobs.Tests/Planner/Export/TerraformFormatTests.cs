using System.Diagnostics;
using KedaJobs.Planner.Export.Terraform;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;

namespace KedaJobs.Tests.Planner.Export;

/// <summary>The real <c>terraform fmt</c> finds nothing to change, which also means that the syntax is right.</summary>
public class TerraformFormatTests
{
    [TerraformFact]
    public async Task Worker_IsFormatted() => await AssertFormattedAsync(Samples.Worker);

    [TerraformFact]
    public async Task Everything_IsFormatted() => await AssertFormattedAsync(Samples.Everything);

    [TerraformFact]
    public async Task OddText_IsFormattedAndStaysText()
    {
        var job = Samples.Worker with
        {
            Environment = new Dictionary<string, string> { ["ODD"] = "a\\b \"c\" ${d} %{e} $f\n\tg\r", ["EMPTY"] = "" },
            Rules = [new() { Name = "odd", Type = "prometheus", Metadata = new Dictionary<string, string> { ["a b"] = "sum(rate(x{y=\"z\"}[1m]))" }, Identity = "system" }],
            Identities = [.. Samples.Worker.Identities],
        };

        Assert.Contains("value = \"a\\\\b \\\"c\\\" $${d} %%{e} $f\\n\\tg\\r\"", await AssertFormattedAsync(job), StringComparison.Ordinal);
    }

    private static async Task<string> AssertFormattedAsync(JobDefinition job)
    {
        var text = TerraformExport.Write(job, new());
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
        return text;
    }

    /// <summary>A test that needs terraform on the path.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class TerraformFactAttribute : FactAttribute
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
}
