using System.Globalization;
using KedaJobs.Benchmarks.Peers;

namespace KedaJobs.Benchmarks.Load;

/// <summary>
/// Two builds of the broker side by side. Both run all the time and take turns in many short rounds, so that whatever else the machine does
/// hits them alike; the ratio is the median of the rounds' own ratios.
/// </summary>
internal static class CompareRun
{
    private const int WarmUps = 3;
    private const int MemoryMessages = 100_000;

    /// <summary>Measures and prints a table.</summary>
    /// <param name="baseline">The host program of the build to compare with.</param>
    /// <param name="host">The host program of the build that is compared.</param>
    /// <param name="durable">Whether both have a data directory.</param>
    /// <param name="connections">How many connections carry the load.</param>
    /// <param name="messages">How many messages a figure of a round takes.</param>
    /// <param name="rounds">How often each figure is taken of each build.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task RunAsync(
        string baseline, string host, bool durable, int connections, int messages, int rounds, CancellationToken cancellationToken)
    {
        await using var before = new KedaJobsPeer(baseline, durable);
        await using var after = new KedaJobsPeer(host, durable);
        IPeer[] peers = [before, after];
        foreach (var peer in peers)
        {
            await peer.StartAsync(cancellationToken);
            for (var warmUp = 0; warmUp < WarmUps; warmUp++)
            {
                await Traffic.SendAsync(peer, messages, connections, durable);
                await Traffic.ReceiveAsync(peer, messages, connections);
            }
        }

        (string Name, Func<IPeer, Task<double>> Measure)[] figures =
        [
            ("send", peer => Traffic.SendAsync(peer, messages, connections, durable)),
            ("receive+complete", peer => Traffic.ReceiveAsync(peer, messages, connections)),
            ("both at once", peer => Traffic.BothAsync(peer, messages, connections, durable)),
        ];
        var measured = figures.ToDictionary(figure => figure.Name, _ => new List<(Measured Before, Measured After)>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, measure) in figures)
            {
                cancellationToken.ThrowIfCancellationRequested();

                // Neither is always the first.
                var results = new Measured[2];
                foreach (var index in round % 2 == 0 ? (int[])[0, 1] : [1, 0])
                {
                    results[index] = await MeasureAsync(peers[index], measure, messages);
                }

                measured[name].Add((results[0], results[1]));
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: {results[0].Rate:N0} -> {results[1].Rate:N0}, {results[1].Rate / results[0].Rate:N2}"));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{connections} connection(s), {(durable ? "durable" : "in memory")}; "
                + $"{messages:N0} messages a figure, {rounds} rounds in turns"));
        Console.WriteLine();
        Console.WriteLine(
            "| | msg/s, before | after | ratio | quartiles | broker CPU, µs a message, before | after | ratio | client CPU, "
            + "before | after | ratio |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, _) in figures)
        {
            var pairs = measured[name];
            var ratios = pairs.Select(pair => pair.After.Rate / pair.Before.Rate).ToList();
            Console.WriteLine(
                $"| {name} | {Row(pairs, one => one.Rate, "N0")} | {Quantile(ratios, 0.25):N2} to {Quantile(ratios, 0.75):N2} | "
                + $"{Row(pairs, one => one.Cpu, "N1")} | {Row(pairs, one => one.ClientCpu, "N1")} |");
        }

        var memory = new double[2];
        for (var index = 0; index < peers.Length; index++)
        {
            await Traffic.SendAsync(peers[index], MemoryMessages, 1, durable);
            memory[index] = PeerProcess.ResidentMiB(peers[index].ProcessId);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| memory with {MemoryMessages:N0} queued, MiB | {memory[0]:N0} | {memory[1]:N0} "
                + $"| {memory[1] / memory[0]:N2} | | | | | | | |"));
    }

    private static async Task<Measured> MeasureAsync(IPeer peer, Func<IPeer, Task<double>> measure, int messages)
    {
        var (cpu, clientCpu) = (PeerProcess.CpuTime(peer.ProcessId), Environment.CpuUsage.TotalTime);
        var rate = await measure(peer);
        return new Measured(
            rate, PerMessage(PeerProcess.CpuTime(peer.ProcessId) - cpu), PerMessage(Environment.CpuUsage.TotalTime - clientCpu));

        double PerMessage(TimeSpan time) => time.TotalMicroseconds / messages;
    }

    private static string Row(List<(Measured Before, Measured After)> pairs, Func<Measured, double> read, string format)
    {
        var (before, after) = (Quantile(pairs.Select(pair => read(pair.Before))), Quantile(pairs.Select(pair => read(pair.After))));
        var ratio = Quantile(pairs.Select(pair => read(pair.After) / read(pair.Before)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{before.ToString(format, CultureInfo.InvariantCulture)} | "
                + $"{after.ToString(format, CultureInfo.InvariantCulture)} | {ratio:N2}");
    }

    private static double Quantile(IEnumerable<double> values, double part = 0.5)
    {
        var sorted = values.Order().ToList();
        var place = part * (sorted.Count - 1);
        var below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Count - 1)] - sorted[below]));
    }

    private readonly record struct Measured(double Rate, double Cpu, double ClientCpu);
}
