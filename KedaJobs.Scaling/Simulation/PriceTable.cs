using System.Text.Json.Serialization;
using KedaJobs.Scaling.Json;

namespace KedaJobs.Scaling.Simulation;

/// <summary>
/// What running replicas costs, with the date of the prices. A JSON document, so that anyone can write the prices of a region or contract.
/// </summary>
/// <remarks>
/// Container Apps bills what is allocated to each replica while it runs, per second; see Billing in Azure Container Apps. The monthly free
/// grant is not subtracted: there is one per subscription, and other jobs may use it.
/// </remarks>
public sealed record PriceTable
{
    /// <summary>
    /// The consumption plan's rates for active use in Japan East, in US dollars, as the Azure Retail Prices API gave them on the date
    /// (meters Standard vCPU Active Usage and Standard Memory Active Usage). Regions differ (West US 2: 0.000034 and 0.000004), and prices
    /// change: write a table of your own to be exact.
    /// </summary>
    public static PriceTable Default { get; } = new()
    {
        Name = "Container Apps consumption plan, retail price in Japan East",
        Date = new(2026, 8, 21),
        Currency = "USD",
        Consumption = new(PerVCpuSecond: 0.000024m, PerGiBSecond: 0.000003m),
    };

    /// <summary>The name of the price list.</summary>
    public required string Name { get; init; }

    /// <summary>When they were valid.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>The currency's code, for instance USD.</summary>
    public required string Currency { get; init; }

    /// <summary>The consumption plan; or null.</summary>
    public ConsumptionPrices? Consumption { get; init; }

    /// <summary>A dedicated workload profile; or null.</summary>
    public DedicatedPrices? Dedicated { get; init; }

    /// <summary>Reads a table.</summary>
    /// <param name="utf8">The document.</param>
    /// <returns>The table.</returns>
    /// <exception cref="JsonInputException">It is not JSON, has unknown or missing fields, or a value is out of range.</exception>
    public static PriceTable Read(ReadOnlySpan<byte> utf8)
    {
        var table = StrictJson.Read(utf8, PriceTableJson.Default.PriceTable);
        if (table.Consumption is null && table.Dedicated is null)
        {
            throw StrictJson.Wrong(utf8, "", "must have consumption or dedicated prices");
        }

        (string Field, decimal? Value, bool MayBeZero)[] numbers =
        [
            ("consumption.perVCpuSecond", table.Consumption?.PerVCpuSecond, true),
            ("consumption.perGiBSecond", table.Consumption?.PerGiBSecond, true),
            ("dedicated.perNodeHour", table.Dedicated?.PerNodeHour, true),
            ("dedicated.managementPerHour", table.Dedicated?.ManagementPerHour, true),
            ("dedicated.minNodes", table.Dedicated?.MinNodes, true),
            ("dedicated.vCpus", table.Dedicated?.VCpus, false),
            ("dedicated.memoryGi", table.Dedicated?.MemoryGi, false),
        ];
        foreach (var (field, value, mayBeZero) in numbers)
        {
            if (value < 0 || (value == 0 && !mayBeZero))
            {
                throw StrictJson.Wrong(utf8, field, $"is {value} and must be {(mayBeZero ? "at least 0" : "above 0")}");
            }
        }

        return table;
    }

    /// <summary>What a simulation costs: on the consumption plan if there are prices for it, otherwise on the dedicated profile.</summary>
    /// <param name="result">The simulation.</param>
    /// <returns>Money in <see cref="Currency"/>.</returns>
    public decimal CostOf(SimulationResult result) => ConsumptionCostOf(result) ?? DedicatedCostOf(result) ?? 0;

    /// <summary>What a simulation costs on the consumption plan.</summary>
    /// <param name="result">The simulation.</param>
    /// <returns>Money in <see cref="Currency"/>; null without such prices.</returns>
    public decimal? ConsumptionCostOf(SimulationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Consumption is { } prices
            ? ((decimal)result.VCpuSeconds * prices.PerVCpuSecond) + ((decimal)result.GiBSeconds * prices.PerGiBSecond)
            : null;
    }

    /// <summary>What a simulation costs on a dedicated profile that always has as many nodes as its replicas need.</summary>
    /// <param name="result">The simulation.</param>
    /// <returns>Money in <see cref="Currency"/>; null without such prices.</returns>
    public decimal? DedicatedCostOf(SimulationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Dedicated is not { } prices)
        {
            return null;
        }

        var perNode = Math.Min(
            Math.Floor(prices.VCpus / result.Resources.CpuCores), Math.Floor(prices.MemoryGi / result.Resources.MemoryGi));
        if (perNode < 1)
        {
            throw new ArgumentException(
                $"A replica of {result.Resources.CpuCores} vCPU and {result.Resources.MemoryGi} GiB does not fit a node of profile "
                    + $"{prices.Profile}.", nameof(result));
        }

        var nodeTicks = result.TimeByReplicas.Select(
            (time, replicas) => time.Ticks * Math.Max(prices.MinNodes, Math.Ceiling(replicas / perNode)))
            .Sum();
        return ((nodeTicks * prices.PerNodeHour) + (result.Simulated.Ticks * prices.ManagementPerHour)) / TimeSpan.TicksPerHour;
    }
}

/// <summary>Prices of the consumption plan.</summary>
/// <param name="PerVCpuSecond">For a vCPU allocated for a second. At least 0.</param>
/// <param name="PerGiBSecond">For a GiB allocated for a second. At least 0.</param>
public sealed record ConsumptionPrices(decimal PerVCpuSecond, decimal PerGiBSecond);

/// <summary>Prices of a dedicated workload profile.</summary>
/// <param name="Profile">Its name, for instance D4.</param>
/// <param name="VCpus">vCPUs of a node. Above 0.</param>
/// <param name="MemoryGi">GiB of a node. Above 0.</param>
/// <param name="PerNodeHour">For a node for an hour. At least 0.</param>
/// <param name="ManagementPerHour">For the environment's dedicated plan for an hour. At least 0.</param>
/// <param name="MinNodes">Nodes that are always kept. At least 0.</param>
public sealed record DedicatedPrices(
    string Profile, decimal VCpus, decimal MemoryGi, decimal PerNodeHour, decimal ManagementPerHour = 0, int MinNodes = 0);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PriceTable))]
internal sealed partial class PriceTableJson : JsonSerializerContext;
