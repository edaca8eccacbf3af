using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.Scaling.Rules;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Packages;

/// <summary>The first program that a package's README shows: it is compiled and run here.</summary>
public sealed class ReadmeTests
{
    private static readonly string Sources = string.Concat(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "KedaJobs.Tests", "Packages"), "*Readme*.cs").Select(File.ReadAllText));

    [Fact]
    public void Scaling_readme_decides_a_poll()
    {
        #region KedaJobs.Scaling
        var decision = ScaleRule.Decide(new ScalePoll
        {
            Max = 10,
            Running = 2,
            Triggers = [new TriggerReading(Length: 12, Target: 5)],
        });
        #endregion

        Assert.Equal((1, "12 active messages / 5 per execution = 3 wanted, 2 running: start 1"), (decision.Start, decision.Reason));
        Assert.Contains(Snippet("KedaJobs.Scaling"), Readme("KedaJobs.Scaling"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_bus_readme_sends_to_a_queue()
    {
        #region KedaJobs.ServiceBus
        await using var broker = await ServiceBusBroker.StartAsync(new BrokerOptions
        {
            Queues = [new QueueOptions { Name = "jobs", MaxDeliveryCount = 5 }],
        });

        await using var client = new ServiceBusClient(broker.ConnectionString);
        await client.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("hello"));
        #endregion

        Assert.Equal("hello", (await client.CreateReceiver("jobs").ReceiveMessageAsync()).Body.ToString());
        Assert.Contains(Snippet("KedaJobs.ServiceBus"), Readme("KedaJobs.ServiceBus"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_readme_handles_a_message()
    {
        await using var broker = await JobsBroker.StartAsync();
        var image = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(image, [1, 2, 3]);
            await broker.SendAsync(JobsBroker.Job("a", "resize", JsonSerializer.Serialize(new { image, width = 300 })));

            Assert.Equal(0, await JobsReadme.MainAsync(
                [
                    $"--ConnectionStrings:jobs={broker.JobsConnection}",
                    $"--ConnectionStrings:results={broker.ResultsConnection}",
                    "--QueueJob:IdleTime=00:00:00.100",
                ]));
        }
        finally
        {
            File.Delete(image);
        }

        Assert.Equal(3, Assert.Single(await broker.TakeResultsAsync(1)).Output.GetProperty("bytes").GetInt32());
        Assert.Contains(Snippet("KedaJobs.Jobs: program"), Readme("KedaJobs.Jobs"), StringComparison.Ordinal);
        Assert.Contains(Snippet("KedaJobs.Jobs: handler"), Readme("KedaJobs.Jobs"), StringComparison.Ordinal);
    }

    private static string Readme(string package) => File.ReadAllText(Path.Combine(Repository.Root, package, "README.md"));

    // What stands between #region and #endregion, without the indentation that it has here.
    private static string Snippet(string region)
    {
        var start = Sources.IndexOf($"#region {region}\n", StringComparison.Ordinal) + $"#region {region}\n".Length;
        var lines = Sources[start..Sources.IndexOf("#endregion", start, StringComparison.Ordinal)].TrimEnd().Split('\n');
        var indentation = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indentation ? line[indentation..] : line)) + "\n```";
    }
}
