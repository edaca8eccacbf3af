using System.Text;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Wire;

namespace KedaJobs.Tests.ServiceBus.Limits;

/// <summary>Idle connections are kept alive, dead ones are dropped. Both are measured by the system's clock.</summary>
public sealed class IdleTimeoutTests
{
    [Fact]
    public async Task A_client_that_vanished_without_a_word_is_dropped()
    {
        await using var broker = await ServiceBusBroker.StartAsync(new BrokerOptions { IdleTimeout = TimeSpan.FromSeconds(1) });
        using var connection = await RawConnection.OpenAsync(broker);

        var close = await connection.ReadPerformativeAsync(0x18, "the close");
        Assert.Contains("amqp:connection:forced", Encoding.ASCII.GetString(close), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_hears_from_the_broker_before_it_would_take_it_for_dead()
    {
        await using var broker = await ServiceBusBroker.StartAsync(new BrokerOptions());
        using var connection = await RawConnection.AuthenticatedAsync(broker);
        await connection.SendAsync(RawConnection.Open(idleTimeout: 1000));

        var heartbeats = 0;
        while (heartbeats < 2)
        {
            var frame = await connection.ReadFrameAsync("a heartbeat");
            heartbeats += frame.AsSpan().SequenceEqual((byte[])[0, 0, 0, 8, 2, 0, 0, 0]) ? 1 : 0;
        }
    }
}
