using System.Diagnostics;
using System.Globalization;
using KedaJobs.Benchmarks.Peers;
using KedaJobs.ServiceBus;

namespace KedaJobs.Benchmarks.Start;

/// <summary>
/// How long an AppHost takes from its process's start until its dashboard answers and its producer is healthy: KedaJobs.AppHost beside an
/// AppHost of the same services without KedaJobs, whose broker runs already. In turn and several rounds; medians.
/// </summary>
internal static class AppHostStart
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Where the producer's launch settings put it.</summary>
    private const string ProducerHealth = "http://localhost:5180/health";

    public static async Task RunAsync(string root, int rounds, CancellationToken cancellationToken)
    {
        await using var broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions { Queues = [new QueueOptions { Name = "jobs" }, new QueueOptions { Name = "results" }] },
            cancellationToken: cancellationToken);
        var plain = new Dictionary<string, string>
        {
            ["ConnectionStrings__jobs"] = $"{broker.ConnectionString}EntityPath=jobs",
            ["ConnectionStrings__results"] = $"{broker.ConnectionString}EntityPath=results",
        };
        (string Name, Dictionary<string, string> Environment, List<double> Seconds)[] hosts =
            [("KedaJobs.AppHost", [], []), ("KedaJobs.Benchmarks.AppHost", plain, [])];

        // The first start of each finds cold disks: it is not counted.
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (name, environment, seconds) in hosts)
            {
                var took = await MeasureAsync(root, name, environment, cancellationToken);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {took.TotalSeconds:0.00} s"));
                if (round > 0)
                {
                    seconds.Add(took.TotalSeconds);
                }
            }
        }

        var (ours, theirs) = (Median(hosts[0].Seconds), Median(hosts[1].Seconds));
        Console.WriteLine($"{Environment.ProcessorCount} cores, median of {rounds} starts after one that is not counted");
        Console.WriteLine();
        Console.WriteLine("| | start to dashboard and producer healthy, s |");
        Console.WriteLine("|---|---:|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| KedaJobs.AppHost | {ours:0.00} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| the same services without KedaJobs | {theirs:0.00} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| ratio | {ours / theirs:0.00} |"));
    }

    private static async Task<TimeSpan> MeasureAsync(
        string root, string name, Dictionary<string, string> extra, CancellationToken cancellationToken)
    {
        var dashboard = $"http://localhost:{PeerProcess.FreePort()}";
        var environment = new Dictionary<string, string>(extra)
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = dashboard,
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{PeerProcess.FreePort()}",
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{PeerProcess.FreePort()}",
        };
        using var client = new HttpClient();
        while (await AnswersAsync(client, ProducerHealth, cancellationToken))
        {
            // The orchestrator ends the producer of the round before some seconds after its AppHost.
            await Task.Delay(Pause, cancellationToken);
        }

        var clock = Stopwatch.StartNew();
        var process = PeerProcess.Start("dotnet", [Path.Combine(root, name, "bin", "Release", "net10.0", $"{name}.dll")], environment);
        try
        {
            foreach (var address in (string[])[dashboard, ProducerHealth])
            {
                while (!await AnswersAsync(client, address, cancellationToken))
                {
                    if (process.HasExited)
                    {
                        throw new InvalidOperationException($"{name} ended with exit code {process.ExitCode} before it served.");
                    }

                    await Task.Delay(Pause, cancellationToken);
                }
            }

            return clock.Elapsed;
        }
        finally
        {
            await PeerProcess.EndAsync(process);
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient client, string address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Nobody listens yet.
            return false;
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
