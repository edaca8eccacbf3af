using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;

namespace KedaJobs.Benchmarks.Start;

/// <summary>
/// What one execution costs: one message, from the start of the process to its exit. The sample worker beside the shortest program on the
/// official client that does the same (KedaJobs.Benchmarks.Bare), both precompiled and as native code; and that program once more as a
/// framework-dependent application, which is what <c>PublishReadyToRun</c> alone makes. In turn and several rounds; medians.
/// </summary>
internal static class WorkerStart
{
    private const string Job = """{"task":"wordcount","input":{"text":"To be, or not to be: that is the question."}}""";
    private const string Bare = "KedaJobs.Benchmarks.Bare";
    private static readonly string[] Kinds = ["r2r", "aot"];

    public static async Task RunAsync(string published, int rounds, CancellationToken cancellationToken)
    {
        await using var broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions { Queues = [new QueueOptions { Name = "jobs" }, new QueueOptions { Name = "results" }] },
            cancellationToken: cancellationToken);
        await using var client = new ServiceBusClient(broker.ConnectionString);
        var environment = new Dictionary<string, string>
        {
            ["BARE_CONNECTION"] = broker.ConnectionString,
            ["ConnectionStrings__jobs"] = $"{broker.ConnectionString};EntityPath=jobs",
            ["ConnectionStrings__results"] = $"{broker.ConnectionString};EntityPath=results",

            // It ends after the message, and does not wait for another.
            ["QueueJob__MessageBudget"] = "1",
        };
        Program[] programs = [.. Kinds.SelectMany(kind => (Program[])
        [
            new("KedaJobs.Worker", kind, Path.Combine(published, $"KedaJobs.Worker-{kind}", "KedaJobs.Worker")),
            new(Bare, kind, Path.Combine(published, $"{Bare}-{kind}", Bare)),
        ]), new(Bare, "framework", Path.Combine(published, $"{Bare}-framework", Bare))];

        // The first start of each finds cold disks: it is not counted.
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var program in programs)
            {
                await using (var sender = client.CreateSender("jobs"))
                {
                    await sender.SendMessageAsync(
                        new ServiceBusMessage(Job) { MessageId = $"{program.Name}-{program.Kind}-{round}", ReplyTo = "results" },
                        cancellationToken);
                }

                var cost = await MeasureAsync(program.Path, environment, cancellationToken);
                await using var results = client.CreateReceiver(
                    "results", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
                _ = await results.ReceiveMessageAsync(TimeSpan.FromSeconds(5), cancellationToken)
                    ?? throw new InvalidOperationException($"{program.Path} sent no result.");
                if (round > 0)
                {
                    program.Costs.Add(cost);
                }
            }
        }

        Console.WriteLine($"{Environment.ProcessorCount} cores, median of {rounds} starts after one that is not counted");
        Console.WriteLine();
        Console.WriteLine(
            "| one message, process start to exit | wall, ms | CPU, ms | peak memory, MiB | published, MiB | wall, to the bare program |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var program in programs)
        {
            var bare = programs.Single(other => other.Kind == program.Kind && other.Name == Bare);
            var (wall, cpu, memory) = (Median(program, c => c.Wall), Median(program, c => c.Cpu), Median(program, c => c.MiB));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {program.Name}, {Compiled(program.Kind)} | {wall:0} | {cpu:0} | {memory:0.0} | {Size(program.Path):0.0} | "
                    + $"{wall / Median(bare, c => c.Wall):0.00} |"));
        }
    }

    private static string Compiled(string kind) => kind switch
    {
        "aot" => "Native AOT",
        "r2r" => "ReadyToRun",
        _ => "ReadyToRun, framework-dependent",
    };

    private static double Median(Program program, Func<Cost, double> of) =>
        program.Costs.Select(of).Order().ElementAt(program.Costs.Count / 2);

    /// <summary>What goes into the image, the runtime apart.</summary>
    private static double Size(string path) =>
        new DirectoryInfo(Path.GetDirectoryName(path)!)
            .EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1024.0 / 1024.0;

    private static async Task<Cost> MeasureAsync(string path, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        // GNU time is small: what it forks has no memory of a measuring program's own in its peak.
        var file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/usr/bin/time", ["-o", file, "-f", "%U %S %M", path])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetDirectoryName(path),
            };
            foreach (var (key, value) in environment)
            {
                start.Environment[key] = value;
            }

            var clock = Stopwatch.StartNew();
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            var wall = clock.Elapsed.TotalMilliseconds;
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{path} ended with exit code {process.ExitCode}: {await output}{await errors}");
            }

            var parts = (await File.ReadAllTextAsync(file, cancellationToken)).Split(' ', StringSplitOptions.TrimEntries)
                .Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            return new Cost(wall, (parts[0] + parts[1]) * 1000, parts[2] / 1024);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed record Cost(double Wall, double Cpu, double MiB);

    private sealed record Program(string Name, string Kind, string Path)
    {
        public List<Cost> Costs { get; } = [];
    }
}
