using System.Globalization;

namespace KedaJobs.Hosting.Checks;

/// <summary>Cpu and memory of a replica. Source: the consumption profile of Container Apps.</summary>
internal static class ResourceChecks
{
    private const decimal Step = 0.25m;
    private const decimal MostCpu = 4m;
    private const decimal GiPerCpu = 2m;

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var (cpu, memory) = (job.Options.Cpu, job.Options.MemoryGi);
        if (cpu is < Step or > MostCpu || cpu % Step != 0)
        {
            yield return new(CheckCode.CpuMemory, job.Resource,
                $"Cpu is {Text(cpu)}.",
                $"Container Apps takes {Text(Step)} to {Text(MostCpu)} in steps of {Text(Step)}, with {Text(GiPerCpu)} Gi of memory for each.");
        }
        else if (memory != cpu * GiPerCpu)
        {
            yield return new(CheckCode.CpuMemory, job.Resource,
                $"Cpu {Text(cpu)} does not go with MemoryGi {Text(memory)}.",
                $"Write MemoryGi = {Text(cpu * GiPerCpu)}, or the Cpu that fits the memory you need (half of it).");
        }
    }

    private static string Text(decimal value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
