using System.Text;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Xunit.Abstractions;

namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>
/// Thousands of connections that misbehave, over sockets, against a running broker: each ends, none of them disturbs a well-behaved client,
/// and nothing of them stays in memory.
/// </summary>
[Collection(Alone.Name)]
public sealed class BrokerFuzzTests(ITestOutputHelper output)
{
    private const int Connections = 3000;
    private const int WarmUp = 300;
    private const int MaxGrowth = 24 * 1024 * 1024;

    [Fact]
    public async Task Misbehaving_connections_end_and_leave_nothing_behind()
    {
        var seed = FuzzSeed.Choose(output);
        var errors = FakeLogCollector.Create(
            new FakeLogCollectorOptions { FilteredLevels = new HashSet<LogLevel> { LogLevel.Error, LogLevel.Critical } });
        using var log = LoggerFactory.Create(logging => logging.AddProvider(new FakeLoggerProvider(errors)));
        await using var broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions { Queues = [new QueueOptions { Name = "jobs" }, new QueueOptions { Name = "good" }] }, log);
        await MisbehaveAsync(broker, seed, WarmUp);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // Beside them, and after them, an ordinary client works as ever.
        var misbehaving = MisbehaveAsync(broker, seed + WarmUp, Connections);
        do
        {
            await SendAndReceiveAsync(broker);
        }
        while (!misbehaving.IsCompleted);

        await misbehaving;
        await SendAndReceiveAsync(broker);
        Assert.Empty(errors.GetSnapshot());
        await Support.Eventually.SucceedsAsync("nothing of them stays in memory", () =>
        {
            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            Assert.True(grown < MaxGrowth, $"{grown} bytes more than before");
        });
    }

    private static async Task SendAndReceiveAsync(ServiceBusBroker broker)
    {
        await using var client = new ServiceBusClient(broker.ConnectionString);
        await client.CreateSender("good").SendMessagesAsync(Enumerable.Range(0, 20).Select(index => new ServiceBusMessage($"{index}")));
        var receiver = client.CreateReceiver("good");
        for (var index = 0; index < 20; index++)
        {
            var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30));
            Assert.Equal($"{index}", message.Body.ToString());
            await receiver.CompleteMessageAsync(message);
        }
    }

    private async Task MisbehaveAsync(ServiceBusBroker broker, int seed, int count)
    {
        var frames = 0;
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, _) =>
        {
            var random = new Random(seed + index);
            using var connection = await ((index % 8) switch
            {
                < 3 => RawConnection.ConnectAsync(broker),
                3 => RawConnection.AuthenticatedAsync(broker),
                _ => RawConnection.OpenAsync(broker),
            });
            foreach (var bytes in Misbehaviour(index % 8, new WireGenerator(random), random))
            {
                Interlocked.Increment(ref frames);
                if (!await connection.TrySendAsync(bytes))
                {
                    break;
                }
            }

            if (random.Next(3) == 0)
            {
                connection.Reset();
                return;
            }

            connection.FinishSending();
            await connection.ReadToEndAsync($"the end of connection {index}, {FuzzSeed.Variable}={seed}");
        });
        output.WriteLine($"{count} connections, {frames} frames and requests");
    }

    private static IEnumerable<byte[]> Misbehaviour(int kind, WireGenerator generator, Random random)
    {
        switch (kind)
        {
            case 0:
                yield return generator.Noise().Bytes.ToArray();
                yield break;
            case 1:
                yield return Http(random);
                yield break;
            case 2:
                yield return [.. "AMQP"u8, 3, 1, 0, 0];
                yield return generator.Frame().Bytes.ToArray();
                yield break;
            case 4:
                yield return RawConnection.AttachSender(0, "jobs/$management");
                yield return RawConnection.AttachReceiver(1, "jobs/$management");
                yield return RawConnection.Flow(1, 1000);
                break;
            case 5:
                yield return RawConnection.AttachSender(0, "$cbs");
                yield return RawConnection.AttachReceiver(1, "$cbs");
                break;
            case 6:
                yield return RawConnection.AttachSender(0, "jobs");
                break;
            case 7:
                yield return RawConnection.AttachReceiver(0, "jobs");
                yield return RawConnection.Flow(0, uint.MaxValue);
                break;
        }

        for (var count = random.Next(1, 12); count > 0; count--)
        {
            yield return random.Next(6) switch
            {
                0 => generator.Frame().Bytes.ToArray(),
                1 => generator.Frame(0x13).Bytes.ToArray(),
                2 => [0, 0, 1, 0, 2, 0, 0, 0, .. generator.Nested(1000).Bytes[..Math.Min(248, generator.Bytes.Length)]],
                3 => generator.Frame(0x15).Bytes.ToArray(),
                _ => RawConnection.Transfer(0, (uint)random.Next(20), generator.Message().Bytes, more: random.Next(4) == 0),
            };
        }
    }

    private static byte[] Http(Random random)
    {
        string[] requests =
        [
            "GET /\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /%00%01jobs?api-version=%01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "PUT /jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "PUT /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "DELETE /$Resources/queues HTTP/1.1\r\nHost: localhost\r\nAuthorization: SharedAccessSignature sr=%&sig=&se=1&skn=\r\n\r\n",
            $"GET /jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: {new string('x', 100_000)}\r\n\r\n",
            "HELLO\r\n\r\n",
        ];
        var request = Encoding.Latin1.GetBytes(requests[random.Next(requests.Length)]);
        request[random.Next(4, request.Length)] = (byte)random.Next(256);
        return request;
    }
}
