using Azure.Messaging.ServiceBus.Administration;
using Xunit.Abstractions;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>kill -9 of the broker at any moment of its work.</summary>
public sealed class BrokerKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 50;
    private readonly string _folder = Directory.CreateTempSubdirectory("kedajobs-kill-").FullName;

    private string Data => Path.Combine(_folder, "data");

    [Fact]
    public async Task Nothing_accepted_is_lost_and_nothing_settled_comes_back()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var load = new KillLoad();
        await CreateQueueAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await using var broker = await BrokerProcess.StartAsync(Data);
            using var dying = new CancellationTokenSource();
            using var killed = new CancellationTokenSource();

            // Mostly at some moment under load, now and then while clients still connect.
            var isUnderLoad = random.Next(5) > 0;
            var clients = load.RunAsync(broker.ConnectionString, random.Next(), random.Next(1, 2000), dying.Token, killed.Token);
            if (isUnderLoad)
            {
                await load.HasEnoughAsync();
            }

            await dying.CancelAsync();
            await broker.KillAsync();
            await killed.CancelAsync();
            await clients;
            Assert.True(load.Faults.Count == 0, $"seed {seed}, round {round}: {string.Join("; ", load.Faults.Take(5))}");
        }

        await using var last = await BrokerProcess.StartAsync(Data);
        var admin = new ServiceBusAdministrationClient(last.ConnectionString);
        var counts = (await admin.GetQueueRuntimePropertiesAsync(KillLoad.Queue)).Value;
        var left = await load.DrainAsync(last.ConnectionString);
        output.WriteLine($"{load.Accepted} accepted, {load.Completed} completed, {load.DeadLettered} dead-lettered, {left.Active} and {left.Dead} left");
        Assert.True(load.Faults.Count == 0, $"seed {seed}: {string.Join("; ", load.Faults.Take(5))}");
        Assert.Equal((counts.ActiveMessageCount, counts.DeadLetterMessageCount), (left.Active, left.Dead));
        Assert.Equal(0, (await admin.GetQueueRuntimePropertiesAsync(KillLoad.Queue)).Value.TotalMessageCount);
        Assert.True(load.Accepted > Rounds && load.Completed > Rounds && load.DeadLettered > 0, "There was hardly any load: the test tests nothing.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task CreateQueueAsync()
    {
        await using var broker = await BrokerProcess.StartAsync(Data);
        await new ServiceBusAdministrationClient(broker.ConnectionString).CreateQueueAsync(
            new CreateQueueOptions(KillLoad.Queue) { MaxDeliveryCount = 2000, LockDuration = TimeSpan.FromMinutes(5) });
    }
}
