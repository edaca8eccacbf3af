using static KedaJobs.Tests.Hosting.Checks.CheckedModels;

namespace KedaJobs.Tests.Hosting.Checks;

/// <summary>CPU and memory of a replica, on the consumption profile and on the nodes of other workload profiles.</summary>
public class ResourceChecksTests
{
    public static TheoryData<string?, string?, decimal, decimal, string[]> Profiles => new()
    {
        // the job's profile, its declared type, Cpu, MemoryGi
        { null, null, 4, 8, [] },
        { "Consumption", null, 4, 16, ["KJ012 worker: Cpu 4 cannot be combined with MemoryGi 16."] },
        { "small", "Consumption", 0.1m, 1, ["KJ012 worker: Cpu is 0.1."] },
        { "heavy", "D4", 4, 16, [] },
        { "heavy", "D4", 3.3m, 0.7m, [] },
        { "heavy", "D4", 4.25m, 17, [
            "KJ012 worker: Cpu is 4.25, but a node of the workload profile 'heavy' (D4) has 4.",
            "KJ012 worker: MemoryGi is 17, but a node of",
        ] },
        { "heavy", "D8", 8, 32, [] },
        { "heavy", "D16", 16, 64, [] },
        { "heavy", "D32", 32, 128, [] },
        { "heavy", "E4", 4, 32, [] },
        { "heavy", "E8", 8, 64, [] },
        { "heavy", "E16", 16, 128, [] },
        { "heavy", "e32", 32, 256, [] },
        { "heavy", "E32", 32, 257, ["KJ012 worker: MemoryGi is 257, but a node of the workload profile 'heavy' (E32) has 256."] },
        { "gpu", "NC24-A100", 24, 220, [] },
        { "gpu", "NC48-A100", 48, 440, [] },
        { "gpu", "NC96-A100", 96, 880, [] },
        { "gpu", "Consumption-GPU-NC24-A100", 24, 220, [] },
        { "gpu", "Consumption-GPU-NC8as-T4", 9, 56, [
            "KJ012 worker: Cpu is 9, but a node of the workload profile 'gpu' (Consumption-GPU-NC8as-T4) has 8."
        ] },
        { "heavy", "D4", 0, 1, ["KJ012 worker: Cpu is 0, but"] },
        { "next", "F64", 64, 3, [
            "KJ035 worker: the type 'F64' of its workload profile 'next' is unknown: Cpu and MemoryGi are not checked."
        ] },
        { "heavy", null, 64, 3, ["KJ035 worker: no environment declares its workload profile 'heavy'. Cpu and MemoryGi are not checked."] },
        { "D4", null, 5, 16, [
            "KJ012 worker: Cpu is 5, but",
            "KJ035 worker: no environment declares its workload profile 'D4'. Cpu and MemoryGi are checked as those of a D4.",
        ] },
    };

    [Theory]
    [MemberData(nameof(Profiles))]
    public void CPU_and_memory_follow_the_workload_profile(
        string? profile, string? declaredType, decimal cpu, decimal memory, string[] expected)
    {
        var findings = Run(
            Job(new() { WorkloadProfile = profile, Cpu = cpu, MemoryGi = memory }) with { DeclaredProfileType = declaredType });

        Assert.Equal(expected.Length, findings.Count);
        Assert.All(expected.Zip(findings), pair => Assert.StartsWith(pair.First, pair.Second.ToString(), StringComparison.Ordinal));
    }
}
