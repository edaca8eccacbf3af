using System.Diagnostics;
using System.Globalization;
using System.Text;
using KedaJobs.Planner;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Benchmarks.Planning;

/// <summary>How fast a day is simulated, with ten times the messages beside it, and how fast the planner sweeps.</summary>
internal static class PlannerRun
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static async Task RunAsync(int messages, int rounds, CancellationToken cancellationToken)
    {
        Simulate("warm-up", Inputs(100_000)[0].Input, 100_000);
        Console.WriteLine("| a day with | messages | s | CPU time, s | peak memory, MiB | executions |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var (name, _) in Inputs(1))
        {
            foreach (var count in (int[])[messages, 10 * messages])
            {
                var input = Inputs(count).Single(item => item.Name == name).Input;
                var runs = Enumerable.Range(0, rounds).Select(_ => Simulate(name, input, count)).OrderBy(run => run.Cpu).ToList();
                var (wall, cpu, executions) = runs[runs.Count / 2];
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {name} | {count:N0} | {wall:0.00} | {cpu:0.00} | {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} | "
                        + $"{executions:N0} |"));
            }
        }

        await SweepAsync(cancellationToken);
    }

    // Executions enough; all at once, so that all wait for their first delivery; failures, lapses and retries.
    private static (string Name, SimulationInput Input)[] Inputs(int messages)
    {
        var rate = messages / Day.TotalSeconds;
        var work = Distribution.LogNormal(TimeSpan.FromSeconds(4 / rate), TimeSpan.FromSeconds(10 / rate));
        var usual = new SimulationInput
        {
            Queues = [new("jobs", ArrivalPattern.Diurnal(rate, 0.8, Day / 2, Day))],
            Scale = new(MaxExecutions: 20),
            Work = work,
            ImagePull = Distribution.LogNormal(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(15)),
            ProcessStart = Distribution.Constant(TimeSpan.FromSeconds(2)),
        };
        return
        [
            ("executions enough", usual),
            ("all messages at once", usual with { Queues = [new("jobs", ArrivalPattern.Burst(messages, Day, Day))] }),
            ("5 % failures, prefetch", usual with
            {
                Failures = new() { Rate = 0.05, RetryDelay = TimeSpan.FromSeconds(10), RetryFactor = 2 },
                Worker = new() { Concurrency = 4, Prefetch = 4, Completion = Completion.Late },
            }),
        ];
    }

    private static (double Wall, double Cpu, long Executions) Simulate(string name, SimulationInput input, int messages)
    {
        var clock = CpuClock.Start();
        var result = JobSimulation.Run(input);
        var (wall, cpu) = clock.Read();
        if (result.Left > 0 || Math.Abs(result.Arrived - messages) > messages * 0.02)
        {
            throw new InvalidOperationException($"{name}: {result.Arrived} of {messages} messages arrived and {result.Left} are left.");
        }

        Console.Error.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{name}: {messages:N0} messages in {wall:0.00} s, {cpu:0.00} s of CPU time"));
        return (wall, cpu, result.Executions);
    }

    /// <summary>500 settings on 100,000 messages, by the program's own command line.</summary>
    private static async Task SweepAsync(CancellationToken cancellationToken)
    {
        var scenario = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(scenario,
                """
                {"queues":[{"arrivals":{"pattern":"diurnal","perSecond":1.1574,"durationSeconds":86400}}],
                 "work":{"distribution":"lognormal","medianSeconds":4,"p95Seconds":10},
                 "coldStart":{"imagePull":{"distribution":"lognormal","medianSeconds":8,"p95Seconds":15},"processStart":{"seconds":2}}}
                """, cancellationToken);
            using var answer = new MemoryStream();
            var clock = CpuClock.Start();
            var exitCode = await PlannerCommandLine.RunAsync(
                ["sweep", scenario, "--message-count", "1,2,5,10,20", "--max-executions", "10,20,30,50,100",
                    "--polling-interval", "5,10,15,30,60",
                    "--strategy", "default,accurate", "--concurrency", "1,4"],
                new(Stream.Null, answer, Console.Error));
            var (wall, cpu) = clock.Read();
            if (exitCode != 0 || !Encoding.UTF8.GetString(answer.ToArray()).Contains("of 500 settings", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"The sweep ended with exit code {exitCode}.");
            }

            Console.WriteLine();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"sweep, 500 settings on 100,000 messages: {wall:0.0} s, {cpu:0.0} s of CPU time on {Environment.ProcessorCount} cores"));
        }
        finally
        {
            File.Delete(scenario);
        }
    }

    /// <summary>Time and CPU time: on a machine that others use, too, only the second says what the work costs.</summary>
    private readonly record struct CpuClock(long Began, TimeSpan Used)
    {
        public static CpuClock Start() => new(Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);

        public (double Wall, double Cpu) Read() =>
            (Stopwatch.GetElapsedTime(Began).TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - Used).TotalSeconds);
    }
}
