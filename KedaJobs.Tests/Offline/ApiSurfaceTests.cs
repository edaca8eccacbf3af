using System.Diagnostics;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>
/// A stand-in has no public member that the real package lacks: what compiles against it compiles against the real one. The lists of
/// the real members and the tool that compares stand beside the project where it is developed.
/// </summary>
public sealed class ApiSurfaceTests
{
    private static readonly string? Checker = Repository.Shared is { } shared
        ? Path.Combine(shared, "tools", "api-check", "api-check")
        : null;

    public static TheoryData<string> StandIns =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "offline"))
            .Select(folder => Path.GetFileName(folder))
            .Where(id => File.Exists(Path.Combine(Repository.Root, "offline", id, $"{id}.csproj")))
            .Order(StringComparer.Ordinal)];

    [BesideTheProjectTheory]
    [MemberData(nameof(StandIns))]
    public async Task A_stand_in_is_a_subset_of_the_real_package(string id)
    {
        var list = Path.Combine(Repository.Shared!, "api", $"{id}.txt");
        Assert.True(File.Exists(list), $"There is no list of the real members of {id}.");

        var (exitCode, output) = await CheckAsync(list, Assembly(id));

        Assert.True(exitCode == 0, $"{id} has members that the real package lacks or has differently:\n{output}");
        Assert.Contains(", 0 unknown", output, StringComparison.Ordinal);
    }

    private static string Assembly(string id)
    {
        // Of several builds the newest is the one under test.
        var built = Directory.GetFiles(Path.Combine(Repository.Root, "offline", id, "bin"), $"{id}.dll", SearchOption.AllDirectories);
        Assert.NotEmpty(built);
        return built.MaxBy(File.GetLastWriteTimeUtc)!;
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string list, string assembly)
    {
        var start = new ProcessStartInfo(Checker!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (ReadOnlySpan<string>)["--no-build", list, assembly])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{Checker} did not start.");
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, output + await errors);
    }

    private sealed class BesideTheProjectTheoryAttribute : TheoryAttribute
    {
        public BesideTheProjectTheoryAttribute()
        {
            if (!File.Exists(Checker))
            {
                Skip = "not beside the project";
            }
        }
    }
}
