using System.Globalization;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Cpu and memory of a replica, by the workload profile that it runs on. Source: Microsoft Learn, "Workload profiles in Azure Container
/// Apps" and "Containers in Azure Container Apps".
/// </summary>
internal static class ResourceChecks
{
    private const decimal Step = 0.25m;
    private const decimal MostCpu = 4m;
    private const decimal GiPerCpu = 2m;
    private const string Consumption = "Consumption";

    /// <summary>What one node of each profile has: a replica gets no more.</summary>
    private static readonly Dictionary<string, (decimal Cpu, decimal MemoryGi)> Nodes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["D4"] = (4, 16),
        ["D8"] = (8, 32),
        ["D16"] = (16, 64),
        ["D32"] = (32, 128),
        ["E4"] = (4, 32),
        ["E8"] = (8, 64),
        ["E16"] = (16, 128),
        ["E32"] = (32, 256),
        ["NC24-A100"] = (24, 220),
        ["NC48-A100"] = (48, 440),
        ["NC96-A100"] = (96, 880),
        ["Consumption-GPU-NC24-A100"] = (24, 220),
        ["Consumption-GPU-NC8as-T4"] = (8, 56),
    };

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var type = job.DeclaredProfileType ?? job.Options.WorkloadProfile ?? Consumption;
        if (type.Equals(Consumption, StringComparison.OrdinalIgnoreCase))
        {
            return OnConsumption(job);
        }

        return Nodes.TryGetValue(type, out var node)
            ? OnNode(job, type, node)
                .Concat(job.DeclaredProfileType is null ? [Undeclared(job, $"Cpu and MemoryGi are checked as those of a {type}.")] : [])
            : [job.DeclaredProfileType is null ? Undeclared(job, "Cpu and MemoryGi are not checked.") : Unknown(job)];
    }

    private static IEnumerable<CheckFinding> OnConsumption(CheckedJob job)
    {
        var (cpu, memory) = (job.Options.Cpu, job.Options.MemoryGi);
        if (cpu is < Step or > MostCpu || cpu % Step != 0)
        {
            yield return new(CheckCode.CpuMemory, job.Resource,
                $"Cpu is {Text(cpu)}.",
                $"The consumption profile allows {Text(Step)} to {Text(MostCpu)} in steps of {Text(Step)}, "
                + $"with {Text(GiPerCpu)} Gi of memory for each. "
                + "For more, set WorkloadProfile to the name of another profile.");
        }
        else if (memory != cpu * GiPerCpu)
        {
            yield return new(CheckCode.CpuMemory, job.Resource,
                $"Cpu {Text(cpu)} cannot be combined with MemoryGi {Text(memory)}.",
                $"Write MemoryGi = {Text(cpu * GiPerCpu)}, or the Cpu that fits the memory you need (half of it).");
        }
    }

    private static IEnumerable<CheckFinding> OnNode(CheckedJob job, string type, (decimal Cpu, decimal MemoryGi) node)
    {
        (string Property, decimal Value, decimal Most)[] amounts =
        [
            ("Cpu", job.Options.Cpu, node.Cpu), ("MemoryGi", job.Options.MemoryGi, node.MemoryGi),
        ];
        foreach (var (property, value, most) in amounts.Where(amount => amount.Value <= 0 || amount.Value > amount.Most))
        {
            yield return new(CheckCode.CpuMemory, job.Resource,
                $"{property} is {Text(value)}, but a node of the workload profile '{job.Options.WorkloadProfile}' ({type}) has "
                    + $"{Text(most)}.",
                $"Write a number above 0 and up to {Text(most)}, or choose a larger profile.");
        }
    }

    private static CheckFinding Undeclared(CheckedJob job, string consequence) => new(CheckCode.WorkloadProfile, job.Resource,
        $"no environment declares its workload profile '{job.Options.WorkloadProfile}'. {consequence}",
        "Call WithWorkloadProfile on the environment. You can ignore this if the profile is added to the environment in another way.");

    private static CheckFinding Unknown(CheckedJob job) => new(CheckCode.WorkloadProfile, job.Resource,
        $"the type '{job.DeclaredProfileType}' of its workload profile '{job.Options.WorkloadProfile}' is unknown: "
            + "Cpu and MemoryGi are not checked.",
        $"Use one of {string.Join(", ", Nodes.Keys)}. You can ignore this if Container Apps now supports the type.");

    private static string Text(decimal value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
