using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.Tests.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Durability;

/// <summary>Random use of a queue: everything that clients and time do to one. The same seed does the same.</summary>
internal sealed class RandomUse(DurableQueue queue, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(MessageSnapshot Message, SubQueue From)> _held = [];
    private readonly List<TestConsumer> _sessions = [];
    private int _sent;

    public static QueueOptions Options(bool sessions) => new()
    {
        Name = "jobs",
        MaxDeliveryCount = 2000,
        RequiresSession = sessions,
        RequiresDuplicateDetection = true,
        DuplicateDetectionHistoryTimeWindow = TimeSpan.FromSeconds(30),
    };

    /// <summary>Called between two turns of the queue that belong to one step.</summary>
    public Action BetweenTurns { get; init; } = () => { };

    public void Step()
    {
        switch (_random.Next(14))
        {
            case 0 or 1 or 2:
                Send();
                break;
            case 3 or 4:
                Receive(queue.Queue);
                break;
            case 5:
                Receive(_random.Next(2) == 0 ? queue.Entity.DeadLetter : queue.Queue);
                break;
            case 6 or 7 or 8:
                Settle();
                break;
            case 9:
                Pass();
                break;
            case 10:
                UseNumbers();
                break;
            case 11:
                queue.Entity.Update(
                    queue.Entity.Options with { UserMetadata = $"{_random.Next()}", AuthorizationRules = [] }, queue.Now);
                break;
            case 12:
                UseSession();
                break;
            default:
                queue.Queue.DeleteBatch(1, queue.Now.AddSeconds(-20), null, queue.Now);
                break;
        }
    }

    private void Send()
    {
        var contents = Enumerable.Range(0, _random.Next(1, 4)).Select(MessageContent (_) => new TestContent($"body-{++_sent}")
        {
            Id = $"id-{_random.Next(1, _sent + 5)}",
            Session = queue.Entity.Options.RequiresSession ? $"s{_random.Next(3)}" : null,
            Ttl = _random.Next(4) == 0 ? TimeSpan.FromSeconds(_random.Next(5, 60)) : null,
            Due = _random.Next(4) == 0 ? queue.Now.AddSeconds(_random.Next(1, 40)) : null,
        }).ToArray();
        Assert.Equal(SendOutcome.Accepted, queue.Entity.Send(contents, new long[contents.Length], queue.Now));
    }

    private void Receive(SubQueue part)
    {
        if (part.HasSessions)
        {
            return;
        }

        var mode = _random.Next(6) == 0 ? ReceiveMode.ReceiveAndDelete : ReceiveMode.PeekLock;
        var received = queue.Receive(_random.Next(1, 3), mode, part).Received;
        if (mode == ReceiveMode.PeekLock)
        {
            _held.AddRange(received.Select(message => (message, part)));
        }
        else if (received.Count > 0 && _random.Next(2) == 0)
        {
            BetweenTurns();
            part.Undeliver(received[0], mode, queue.Now);
        }
    }

    private void Settle()
    {
        if (_held.Count == 0)
        {
            return;
        }

        var (message, from) = _held[_random.Next(_held.Count)];
        _held.Remove((message, from));
        var settlement = new Settlement((Disposition)_random.Next(5))
        {
            Reason = _random.Next(2) == 0 ? "reason" : null,
            Properties = _random.Next(3) == 0 ? [new("key", $"{_random.Next(100)}")] : null,
        };
        from.Settle(message.LockToken, settlement, queue.Now);
    }

    private void Pass()
    {
        queue.Time.Advance(TimeSpan.FromSeconds(_random.Next(1, 25)));
        queue.Entity.Advance(queue.Now);
    }

    private void UseNumbers()
    {
        var aside = queue.Queue.Messages.Where(message => message.Place == MessagePlace.Aside).ToList();
        if (aside.Count == 0)
        {
            return;
        }

        var message = aside[_random.Next(aside.Count)];
        if (message.State == MessageState.Scheduled)
        {
            queue.Queue.CancelScheduled([message.SequenceNumber], queue.Now);
        }
        else if (queue.Queue.ReceiveDeferred(
            [message.SequenceNumber], ReceiveMode.PeekLock, message.Content.SessionId, queue.Now, out var received)
            == NumberOutcome.Done)
        {
            _held.Add((received[0], queue.Queue));
        }
    }

    private void UseSession()
    {
        if (!queue.Queue.HasSessions)
        {
            return;
        }

        if (_sessions.Count > 0 && _random.Next(3) == 0)
        {
            queue.Queue.Detach(_sessions[0], queue.Now);
            _sessions.RemoveAt(0);
            return;
        }

        var consumer = new TestConsumer();
        var name = $"s{_random.Next(3)}";
        if (queue.Queue.AttachSession(consumer, name, TimeSpan.Zero, queue.Now, out _, out _) == AttachOutcome.Attached)
        {
            consumer.Allow(_random.Next(3), queue.Now);
            _held.AddRange(consumer.Received.Select(message => (message, queue.Queue)));
            _sessions.Add(consumer);
        }

        BetweenTurns();
        queue.Queue.SetSessionState(name, _random.Next(3) == 0 ? null : [(byte)_random.Next(256)], queue.Now);
    }
}
