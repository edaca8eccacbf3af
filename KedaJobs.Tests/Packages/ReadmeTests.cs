using Azure.Messaging.ServiceBus;
using KedaJobs.Scaling.Rules;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Packages;

/// <summary>The first program that a package's README shows: it is compiled and run here.</summary>
public sealed class ReadmeTests
{
    private static readonly string Here = File.ReadAllText(Path.Combine(Repository.Root, "KedaJobs.Tests", "Packages", "ReadmeTests.cs"));

    [Fact]
    public void ScalingReadme_DecidesAPoll()
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
    public async Task ServiceBusReadme_SendsToAQueue()
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

    private static string Readme(string package) => File.ReadAllText(Path.Combine(Repository.Root, package, "README.md"));

    private static string Snippet(string region)
    {
        var start = Here.IndexOf($"#region {region}\n", StringComparison.Ordinal) + $"#region {region}\n".Length;
        var lines = Here[start..Here.IndexOf("        #endregion", start, StringComparison.Ordinal)].Split('\n');
        return string.Join('\n', lines.Select(line => line.Length > 8 ? line[8..] : line));
    }
}
