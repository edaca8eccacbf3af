using System.Globalization;

namespace KedaJobs.Benchmarks.Load;

/// <summary>What was measured, by peer and by figure; printed as one Markdown table of medians.</summary>
internal sealed class Figures
{
    private readonly Dictionary<(string Peer, string Figure), List<double>> _values = [];
    private readonly List<string> _peers = [];
    private readonly List<string> _figures = [];

    public void Add(string peer, string figure, double value)
    {
        if (!_peers.Contains(peer))
        {
            _peers.Add(peer);
        }

        if (!_figures.Contains(figure))
        {
            _figures.Add(figure);
        }

        if (!_values.TryGetValue((peer, figure), out var values))
        {
            _values[(peer, figure)] = values = [];
        }

        values.Add(value);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{peer}: {figure}: {value:N0}"));
    }

    public void Print(TextWriter output, int messages, int rounds)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, {memory} GiB, client included; {messages:N0} messages of 1 KB a figure, "
                + $"median of {rounds} rounds"));
        output.WriteLine();
        output.WriteLine($"| | {string.Join(" | ", _peers)} |");
        output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", _peers.Count))}");
        foreach (var figure in _figures)
        {
            output.WriteLine($"| {figure} | {string.Join(" | ", _peers.Select(peer => Cell(peer, figure)))} |");
        }
    }

    private string Cell(string peer, string figure) =>
        _values.TryGetValue((peer, figure), out var values) ? Median(values).ToString("N0", CultureInfo.InvariantCulture) : "";

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
