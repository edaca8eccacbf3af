using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Operations on messages.</summary>
internal sealed partial class ManagementEndpoint
{
    /// <summary>How many bytes of messages a peek answers with at most: it must not copy a whole queue at once.</summary>
    private const int MaxPeekBytes = 1024 * 1024;

    private AmqpResponse RenewLock(RequestBody body)
    {
        var expirations = new List<DateTime>();
        foreach (var token in body.Guids("lock-tokens"))
        {
            ThrowIfFailed(queue.RenewLock(token, Services.Now, out var lockedUntil));
            expirations.Add(lockedUntil);
        }

        return Respond(new AmqpMap { ["expirations"] = expirations.ToArray() });
    }

    private AmqpResponse Peek(RequestBody body)
    {
        var count = body.Int("message-count");
        if (count < 1)
        {
            throw new RequestException(400, Errors.ArgumentCondition, "'message-count' must be at least 1.");
        }

        var found = queue.Peek(body.Long("from-sequence-number"), count, body.OptionalText("session-id"), Services.Now);
        var messages = new List<object?>();
        var size = 0L;
        foreach (var message in found)
        {
            size += message.Content.Size;
            if (messages.Count > 0 && size > MaxPeekBytes)
            {
                break;
            }

            messages.Add(new AmqpMap { ["message"] = Encode(message) });
        }

        return messages.Count == 0 ? Respond(NoContent, "No Content") : Respond(new AmqpMap { ["messages"] = messages });
    }

    private AmqpResponse Schedule(RequestBody body, Transaction? transaction)
    {
        if (queue.Kind != SubQueueKind.Main)
        {
            throw new RequestException(400, Errors.NotAllowedCondition, "Messages cannot be sent to a dead-letter queue.");
        }

        var contents = body.Maps("messages")
            .Select(MessageContent (entry) => AmqpContent.Parse(entry.OptionalBinary("message")
                ?? throw new RequestException(400, Errors.ArgumentCondition, "Each of 'messages' must have 'message' as binary.")))
            .ToArray();
        if (contents.Length == 0)
        {
            throw new RequestException(400, Errors.ArgumentCondition, "'messages' is empty.");
        }

        var numbers = new long[contents.Length];
        if (transaction is not null)
        {
            return Schedule(contents, transaction);
        }

        var outcome = queue.Entity.Send(contents, numbers, Services.Now);
        if (outcome != SendOutcome.Accepted)
        {
            throw Failed(400, Errors.Of(outcome, queue.Entity));
        }

        Services.Telemetry.Sent(queue.Entity.Name, contents);
        return Respond(new AmqpMap { ["sequence-numbers"] = numbers });
    }

    private AmqpResponse Schedule(MessageContent[] contents, Transaction transaction)
    {
        var outcome = queue.Entity.WhyNotSend(contents, Services.Now);
        if (outcome != SendOutcome.Accepted)
        {
            throw Failed(400, Errors.Of(outcome, queue.Entity));
        }

        if (!transaction.HasRoomFor(contents.Length, contents.Sum(content => (long)content.Size)))
        {
            throw Failed(400, Errors.TransactionTooLarge());
        }

        var numbers = queue.Entity.ReserveNumbers(contents.Length, Services.Now);
        ThrowIfOver(transaction.TryAdd(new SendOperation(queue.Entity, contents, numbers)));
        return Respond(new AmqpMap { ["sequence-numbers"] = numbers });
    }

    private AmqpResponse CancelScheduled(RequestBody body, Transaction? transaction)
    {
        var numbers = body.Longs("sequence-numbers");
        if (transaction is null)
        {
            ThrowIfFailed(queue.CancelScheduled(numbers, Services.Now));
        }
        else
        {
            ThrowIfFailed(queue.AreScheduled(numbers, Services.Now));
            ThrowIfOver(transaction.TryAdd(new CancelOperation(queue, numbers)));
        }

        return Respond(new AmqpMap());
    }

    private AmqpResponse ReceiveBySequenceNumber(RequestBody body)
    {
        var mode = body.Long("receiver-settle-mode") == 0 ? ReceiveMode.ReceiveAndDelete : ReceiveMode.PeekLock;
        ThrowIfFailed(queue.ReceiveDeferred(
            body.Longs("sequence-numbers"), mode, body.OptionalText("session-id"), Services.Now, out var received));
        var messages = new List<object?>();
        foreach (var message in received)
        {
            var entry = new AmqpMap { ["message"] = Encode(message) };
            if (mode == ReceiveMode.PeekLock)
            {
                entry["lock-token"] = message.LockToken;
            }

            messages.Add(entry);
        }

        return messages.Count == 0 ? Respond(NoContent, "No Content") : Respond(new AmqpMap { ["messages"] = messages });
    }

    private AmqpResponse UpdateDisposition(RequestBody body, Transaction? transaction)
    {
        var status = body.Text("disposition-status");
        var settlement = new Settlement(status switch
        {
            "completed" => Disposition.Complete,
            "abandoned" => Disposition.Abandon,
            "defered" => Disposition.Defer,
            "suspended" => Disposition.DeadLetter,
            _ => throw new RequestException(400, Errors.ArgumentCondition, $"The disposition status '{status}' is unknown."),
        })
        {
            Reason = body.OptionalText("deadletter-reason"),
            Description = body.OptionalText("deadletter-description"),
            Properties = body.OptionalMap("properties-to-modify")?
                .Select(entry => new KeyValuePair<string, object?>(entry.Key.ToString()!, entry.Value))
                .ToList(),
        };
        var sessionId = body.OptionalText("session-id");
        foreach (var token in body.Guids("lock-tokens"))
        {
            if (transaction is not null)
            {
                ThrowIfFailed(queue.WhatWasLost(queue.Enlist(token, settlement, transaction, Services.Now), sessionId, Services.Now));
                ThrowIfOver(transaction.TryAdd(new SettleOperation(queue, token, settlement)));
                continue;
            }

            var outcome = queue.Settle(token, settlement, Services.Now);
            Services.Telemetry.Settled(queue.Entity.Name, settlement.Disposition, outcome);
            ThrowIfFailed(queue.WhatWasLost(outcome, sessionId, Services.Now));
        }

        return Respond(new AmqpMap());
    }

    private AmqpResponse DeleteBatch(RequestBody body)
    {
        var until = body.OptionalTime("enqueued-time-utc") ?? DateTime.MaxValue;
        var deleted = queue.DeleteBatch(body.Int("message-count"), until, body.OptionalText("session-id"), Services.Now);
        return deleted == 0 ? Respond(NoContent, "No Content") : Respond(new AmqpMap { ["message-count"] = deleted });
    }

    private static byte[] Encode(in MessageSnapshot message) => DeliveryEncoder.Encode(message);
}
