using System.Diagnostics;
using Amqp;
using Amqp.Framing;
using KedaJobs.Benchmarks.Peers;

namespace KedaJobs.Benchmarks.Load;

/// <summary>The same AMQPNetLite client for every peer: unsettled sends with a window, receive with credit and accept.</summary>
internal static class Traffic
{
    private const int BodySize = 1024;
    private const int Window = 500;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Sends <paramref name="count"/> messages of 1 KB over the given number of connections; gives messages a second.</summary>
    public static async Task<double> SendAsync(IPeer peer, int count, int connections, bool durable)
    {
        var opened = await OpenAsync(peer, connections);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(opened.Select(connection => SendAsync(connection, peer.QueueAddress, count / connections, durable)));
        var rate = count / clock.Elapsed.TotalSeconds;
        await CloseAsync(opened);
        return rate;
    }

    /// <summary>Receives and accepts <paramref name="count"/> messages; gives messages a second.</summary>
    public static async Task<double> ReceiveAsync(IPeer peer, int count, int connections)
    {
        var opened = await OpenAsync(peer, connections);
        var received = new Progress();
        var all = received.ReachAsync(count);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(opened.Select(connection => ReceiveAsync(connection, peer.QueueAddress, received, all)));
        var rate = count / clock.Elapsed.TotalSeconds;
        await CloseAsync(opened);
        return rate;
    }

    /// <summary>Sends and receives at once, each over its own connections; gives messages a second that went through.</summary>
    public static async Task<double> BothAsync(IPeer peer, int count, int connections, bool durable)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(SendAsync(peer, count, connections, durable), ReceiveAsync(peer, count, connections));
        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task SendAsync(Connection connection, string address, int count, bool durable)
    {
        var session = new Session(connection);
        var link = new SenderLink(session, $"send-{Guid.NewGuid():N}", address);
        var body = new byte[BodySize];
        var settled = new Progress();

        void OnOutcome(ILink sender, Message message, Outcome outcome, object state)
        {
            if (outcome is Accepted)
            {
                settled.Advance();
            }
            else
            {
                settled.Fail(new InvalidOperationException($"A message was not accepted: {outcome}."));
            }
        }

        for (var sent = 0; sent < count; sent++)
        {
            if (sent - settled.Count >= Window)
            {
                // Goes on when half of the window is free: waking up for each message would be most of the work.
                await settled.ReachAsync(sent - (Window / 2));
            }

            var message = new Message { BodySection = new Data { Binary = body }, Header = new Header { Durable = durable } };
            link.Send(message, OnOutcome, null);
        }

        await settled.ReachAsync(count);
        await link.CloseAsync();
    }

    private static async Task ReceiveAsync(Connection connection, string address, Progress received, Task all)
    {
        var session = new Session(connection);
        var link = new ReceiverLink(session, $"receive-{Guid.NewGuid():N}", address);
        link.Start(Window, (receiver, message) =>
        {
            receiver.Accept(message);
            message.Dispose();
            received.Advance();
        });
        await all.WaitAsync(Deadline);
        await link.CloseAsync();
    }

    private static async Task<Connection[]> OpenAsync(IPeer peer, int connections) =>
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => peer.ConnectAsync()));

    private static Task CloseAsync(Connection[] connections) => Task.WhenAll(connections.Select(connection => connection.CloseAsync()));

    /// <summary>A count that one waits for and others advance.</summary>
    private sealed class Progress
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? _failure;
        private int _count;
        private int _goal;

        public int Count => Volatile.Read(ref _count);

        public void Advance()
        {
            lock (_gate)
            {
                if (++_count == _goal)
                {
                    _reached.TrySetResult();
                }
            }
        }

        public void Fail(Exception failure)
        {
            lock (_gate)
            {
                _failure ??= failure;
                _reached.TrySetException(_failure);
            }
        }

        public Task ReachAsync(int goal)
        {
            lock (_gate)
            {
                if (_failure is not null)
                {
                    return Task.FromException(_failure);
                }

                if (_count >= goal)
                {
                    return Task.CompletedTask;
                }

                _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _goal = goal;
                return _reached.Task;
            }
        }
    }
}
