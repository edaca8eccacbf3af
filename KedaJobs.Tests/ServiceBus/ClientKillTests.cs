using KedaJobs.Tests.Support;
using KedaJobs.Tests.Worker;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>kill -9 of a client: it settles nothing and closes nothing.</summary>
public sealed class ClientKillTests
{
    private const int Messages = 20;

    [Fact]
    public async Task All_messages_that_a_killed_client_had_locked_come_back_when_their_locks_lapse()
    {
        await using var broker = await JobsBroker.StartAsync(jobs => jobs with { LockDuration = TimeSpan.FromSeconds(5) });
        await broker.SendAsync(
            [.. Enumerable.Range(0, Messages).Select(number => JobsBroker.Job($"{number}", "delay", """{"seconds":600}"""))]);
        await using var worker = WorkerProcess.Start(broker, ("QueueJob__Concurrency", $"{Messages}"));
        await using var receiver = broker.Client.CreateReceiver("jobs");
        await Eventually.SucceedsAsync("the worker holds every message", async () =>
            Assert.All(await broker.PeekAsync(), message => Assert.NotEqual(default, message.LockedUntil)));
        worker.Kill();
        await worker.ExitAsync();

        var received = new Dictionary<string, int>();
        while (received.Count < Messages)
        {
            var more = await receiver.ReceiveMessagesAsync(Messages, Eventually.DefaultDeadline);
            Assert.NotEmpty(more);
            foreach (var message in more)
            {
                await receiver.CompleteMessageAsync(message);
                received.Add(message.MessageId, message.DeliveryCount);
            }
        }

        Assert.Equal(Enumerable.Range(0, Messages).Select(number => $"{number}").Order(), received.Keys.Order());
        Assert.All(received.Values, deliveries => Assert.True(deliveries > 1));
        Assert.Equal(0, (await broker.CountsAsync()).TotalMessageCount);
    }
}
