using System.Diagnostics;
using Amqp;
using Amqp.Framing;
using KedaJobs.Benchmarks.Load;

namespace KedaJobs.Benchmarks.Durability;

/// <summary>
/// How fast each storage takes messages in, settles them and comes back, without any network: the ground for the choice of one.
/// </summary>
internal static class DurabilityRun
{
    private const int BodySize = 1024;

    /// <summary>As many as one client's credit lets be on the way; and one, where each message waits for its own flush.</summary>
    private static readonly int[] Windows = [1000, 1];

    public static void Run(int messages, int rounds)
    {
        var content = Encode();
        var figures = new Figures();
        for (var round = 0; round < rounds; round++)
        {
            Measure(directory => new LogStorage(directory), content, messages, figures);
            Measure(directory => new SqliteStorage(directory), content, messages, figures);
        }

        figures.Print(Console.Out, messages, rounds);
    }

    private static void Measure(Func<string, IStorage> create, byte[] content, int messages, Figures figures)
    {
        var directory = Directory.CreateTempSubdirectory("kedajobs-durability-").FullName;
        try
        {
            using var storage = create(directory);
            foreach (var window in Windows)
            {
                var count = window == 1 ? messages / 50 : messages;
                var unit = $"{window} on the way, msg/s";
                figures.Add(storage.Name, $"send, {unit}", Rate(count, window, done => storage.Send((byte[])content.Clone(), done)));
                figures.Add(storage.Name, $"complete, {unit}", Rate(count, window, storage.Complete));
            }

            Rate(messages, Windows[0], done => storage.Send((byte[])content.Clone(), done));
            var clock = Stopwatch.StartNew();
            if (storage.Reopen() is var found && found != messages)
            {
                throw new InvalidOperationException($"{storage.Name} brought back {found} of {messages} messages.");
            }

            figures.Add(storage.Name, $"start with {messages:N0} messages, ms", clock.Elapsed.TotalMilliseconds);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static double Rate(int count, int window, Action<Action> operation)
    {
        using var free = new SemaphoreSlim(window);
        void OnCommitted() => free.Release();
        var clock = Stopwatch.StartNew();
        for (var index = 0; index < count; index++)
        {
            free.Wait();
            operation(OnCommitted);
        }

        for (var index = 0; index < window; index++)
        {
            free.Wait();
        }

        return count / clock.Elapsed.TotalSeconds;
    }

    private static byte[] Encode()
    {
        var encoded = new Message
        {
            Properties = new Properties { MessageId = "a-message-id-of-thirty-two-bytes" },
            BodySection = new Data { Binary = new byte[BodySize] },
        }.Encode();
        return encoded.Buffer.AsSpan(encoded.Offset, encoded.Length).ToArray();
    }
}
