using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace KedaJobs.Tests.Support;

/// <summary>The real Bicep compiler, run over every module of a folder at once (starting it costs more than compiling).</summary>
internal static class BicepCompiler
{
    private static readonly string Path = typeof(BicepCompiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "BicepCompiler").Value!;

    public static bool IsAvailable { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && File.Exists(Path);

    /// <summary>
    /// Compiles all modules of the folder and below; fails on any error or warning except that something is declared and not used.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tolerated">The linter's name of a warning that does not count.</param>
    /// <returns>The ARM template of each module, by the module's file name without ".bicep".</returns>
    public static async Task<IReadOnlyDictionary<string, JsonObject>> CompileAsync(string folder, string? tolerated = null)
    {
        using var output = new TemporaryFolder("arm");
        var (exitCode, diagnostics) = await RunAsync(folder, output.FullName);
        var complaints = diagnostics.Where(line => !line.Contains(" no-unused-", StringComparison.Ordinal)
            && (tolerated is null || !line.Contains($"Warning {tolerated}:", StringComparison.Ordinal)));
        Assert.True(exitCode == 0 && !complaints.Any(), string.Join('\n', diagnostics));
        return Directory.EnumerateFiles(output.FullName, "*.json", SearchOption.AllDirectories).ToDictionary(
            file => System.IO.Path.GetFileNameWithoutExtension(file),
            file => JsonNode.Parse(File.ReadAllText(file))!.AsObject());
    }

    private static async Task<(int ExitCode, string[] Diagnostics)> RunAsync(string folder, string output)
    {
        var start = new ProcessStartInfo(Path) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["build", "--pattern", System.IO.Path.Combine(folder, "**", "*.bicep"), "--outdir", output])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var standardOutput = process.StandardOutput.ReadToEndAsync();
        var standardError = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var lines = (await standardOutput + await standardError).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (process.ExitCode, lines);
    }
}

/// <summary>A test that needs the Bicep compiler, which its package carries for Linux on x64 only.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BicepFactAttribute : FactAttribute
{
    public BicepFactAttribute()
    {
        if (!BicepCompiler.IsAvailable)
        {
            Skip = "skipped: the Bicep compiler's package is for Linux on x64";
        }
    }
}

/// <summary>As <see cref="BicepFactAttribute"/>, for each row of a table.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BicepTheoryAttribute : TheoryAttribute
{
    public BicepTheoryAttribute()
    {
        if (!BicepCompiler.IsAvailable)
        {
            Skip = "skipped: the Bicep compiler's package is for Linux on x64";
        }
    }
}
