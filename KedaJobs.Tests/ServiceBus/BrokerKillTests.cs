using System.Globalization;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Tests.Support;
using Xunit.Abstractions;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>kill -9 of the broker at any moment of its work.</summary>
public sealed class BrokerKillTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>How many rounds to run; more than the usual few by hand.</summary>
    private const string RoundsVariable = "KEDAJOBS_KILL_ROUNDS";

    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable(RoundsVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds)
            ? rounds
            : 12;

    private readonly TemporaryFolder _folder = new("kill");

    private string Data => _folder.At("data");

    [Fact]
    public async Task Nothing_accepted_is_lost_nothing_settled_comes_back_and_no_transaction_is_seen_by_half()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var load = new KillLoad();
        await CreateQueuesAsync();
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
        var moves = await load.DrainMovesAsync(last.ConnectionString);
        output.WriteLine($"{Rounds} rounds; {load.Moved} known to be moved, {moves.Inbox} in the inbox and {moves.Outbox} in the outbox");
        output.WriteLine(
            $"{load.Accepted} accepted, {load.Completed} completed, {load.DeadLettered} dead-lettered, {left.Active} and {left.Dead} left");
        Assert.True(load.Faults.Count == 0, $"seed {seed}: {string.Join("; ", load.Faults.Take(5))}");
        Assert.Equal((counts.ActiveMessageCount, counts.DeadLetterMessageCount), (left.Active, left.Dead));
        Assert.Equal(0, (await admin.GetQueueRuntimePropertiesAsync(KillLoad.Queue)).Value.TotalMessageCount);
        Assert.True(
            load.Accepted > Rounds && load.Completed > Rounds && load.DeadLettered > 0 && load.Moved > Rounds,
            "There was hardly any load: the test tests nothing.");
    }

    public void Dispose() => _folder.Dispose();

    private async Task CreateQueuesAsync()
    {
        await using var broker = await BrokerProcess.StartAsync(Data);
        foreach (var queue in (string[])[KillLoad.Queue, KillLoad.Inbox, KillLoad.Outbox])
        {
            await new ServiceBusAdministrationClient(broker.ConnectionString).CreateQueueAsync(
                new CreateQueueOptions(queue) { MaxDeliveryCount = 2000, LockDuration = TimeSpan.FromMinutes(5) });
        }
    }
}
