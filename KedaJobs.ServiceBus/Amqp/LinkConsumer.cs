using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Transactions;
using Disposition = KedaJobs.ServiceBus.Entities.Disposition;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>A receiver at a queue that is an AMQP link.</summary>
internal sealed class LinkConsumer : Consumer, IOutgoingEndpoint
{
    private readonly BrokerServices _services;
    private readonly SubQueue _queue;
    private readonly OutgoingLink _link;
    private readonly ClientTransactions _transactions;

    public LinkConsumer(BrokerServices services, ClientTransactions transactions, SubQueue queue, OutgoingLink link)
    {
        (_services, _transactions, _queue, _link) = (services, transactions, queue, link);
        Mode = link.SettlesOnSend ? ReceiveMode.ReceiveAndDelete : ReceiveMode.PeekLock;
    }

    internal override bool IsGone => _link.IsEnded;

    public void OnFlow(in Flow flow) => _queue.SetLimit(this, flow.Limit, flow.Drain, _services.Now);

    public void OnRoom() => _queue.Resume(this, _services.Now);

    public void OnEnded() => _queue.Detach(this, _services.Now);

    public void OnDisposition(uint deliveryId, Guid token, in DeliveryState state, bool settled)
    {
        var answer = state.Transaction is { } transaction ? Promise(transaction, deliveryId, token, state) : Settle(token, state);
        if (answer.Error is { } error)
        {
            _link.Connection.OnRefused($"settlement at '{_queue.Entity.Name}'", error);
        }

        if (settled)
        {
            return;
        }

        if (answer.Transaction is not null)
        {
            // Settled only when the transaction is committed; until then, and when it is not, the client can settle the message.
            _link.Answer(deliveryId, token, answer);
            return;
        }

        if (_services.Commits.IsImmediate)
        {
            _link.Settle(deliveryId, answer);
        }
        else
        {
            _services.Commits.Run(new SettlementAnswer(_link, deliveryId, answer));
        }
    }

    internal override bool TryReserve(BrokerMessage message) => _link.TryReserve(SizeOf(message.Content, message.DeadLetterSource));

    protected override void OnDelivery(in MessageSnapshot message)
    {
        if (Mode == ReceiveMode.PeekLock || _services.Commits.IsImmediate)
        {
            Send(message);
        }
        else
        {
            // A message that is gone when sent must not come back: it is sent only when its removal is safe.
            _services.Commits.Run(new SafeDelivery(this, message));
        }
    }

    protected override void OnDrained(uint deliveryCount)
    {
        if (Mode == ReceiveMode.PeekLock || _services.Commits.IsImmediate)
        {
            _link.Drained(deliveryCount);
        }
        else
        {
            // Behind the messages that wait for being safe.
            _services.Commits.Run(new SafeDrain(_link, deliveryCount));
        }
    }

    /// <summary>What another client sends comes message by message: this one is woken less often if they go together.</summary>
    protected override void OnHandedOver() => _link.Connection.Output.FlushSoon();

    protected override void OnSessionGranted(string sessionId, DateTime lockedUntil) =>
        SessionAttach.Complete(_link, this, sessionId, lockedUntil);

    protected override void OnSessionWaitEnded() => _link.Refuse(
        Errors.Timeout("No session became available within the time that the client was ready to wait."));

    protected override void OnDetached(DetachReason reason) => _link.Close(Errors.Of(reason, _queue.Entity));

    private static int SizeOf(MessageContent content, string? deadLetterSource) => DeliveryEncoder.MaxSize(content, deadLetterSource);

    private static Outcome AnswerTo(Disposition disposition) => disposition switch
    {
        Disposition.Complete => Outcome.Accepted,
        Disposition.Release => Outcome.Released,

        // Without the client's own error: both clients would throw it.
        Disposition.DeadLetter => Outcome.Rejected,
        _ => Outcome.Modified,
    };

    private static Settlement? ReadSettlement(in DeliveryState state) => state.Kind switch
    {
        Descriptors.Accepted => Settlement.Complete,
        Descriptors.Released => new Settlement(Disposition.Release),
        Descriptors.Modified =>
            new Settlement(state.UndeliverableHere ? Disposition.Defer : Disposition.Abandon) { Properties = state.Entries },
        Descriptors.Rejected => DeadLetter(state.Entries),
        _ => null,
    };

    private static Settlement DeadLetter(List<KeyValuePair<string, object?>>? info)
    {
        const string Reason = "DeadLetterReason";
        const string Description = "DeadLetterErrorDescription";
        return new Settlement(Disposition.DeadLetter)
        {
            Reason = Text(Reason),
            Description = Text(Description),

            // What is no text is a property like any other (Azure.Messaging.ServiceBus: DeadLetterReason is null then); null is none
            // (@azure/service-bus).
            Properties = info?.Where(property => property is not { Key: Reason or Description, Value: string or null }).ToList(),
        };

        string? Text(string key) => info?.FirstOrDefault(entry => entry.Key == key).Value as string;
    }

    private Outcome Settle(Guid token, in DeliveryState state)
    {
        if (ReadSettlement(state) is not { } settlement)
        {
            return Outcome.Refused(
                Errors.Create("amqp:invalid-field", "A disposition must have the state accepted, rejected, released or modified."));
        }

        var outcome = _queue.Settle(token, settlement, _services.Now);
        _services.Telemetry.Settled(_queue.Entity.Name, settlement.Disposition, outcome);
        return outcome == SettleOutcome.Done ? AnswerTo(settlement.Disposition) : WhyNot(outcome);
    }

    private Outcome WhyNot(SettleOutcome outcome) =>
        Outcome.Refused(Errors.Of(_queue.WhatWasLost(outcome, this, _services.Now), _queue.Entity));

    /// <summary>Has a message settled when a transaction is committed.</summary>
    private Outcome Promise(byte[] transactionId, uint deliveryId, Guid token, in DeliveryState state)
    {
        if (ReadSettlement(state) is not { } settlement)
        {
            return Outcome.Refused(
                Errors.Create("amqp:invalid-field", "A disposition must have the state accepted, rejected, released or modified."));
        }

        if (_transactions.Find(transactionId, out var error) is not { } transaction
            || (error = _transactions.Admit(transaction, _queue.Entity, _link.Session, isSend: false)) is not null)
        {
            return Outcome.Refused(error!);
        }

        var outcome = _queue.Enlist(token, settlement, transaction, _services.Now);
        if (outcome != SettleOutcome.Done)
        {
            return WhyNot(outcome);
        }

        if (!transaction.TryAdd(new SettleOperation(_queue, token, settlement)
        {
            Committed = () => _link.Settle(deliveryId, AnswerTo(settlement.Disposition)),
        }))
        {
            _queue.Release(token, transaction, _services.Now);
            return Outcome.Refused(Errors.TransactionTimedOut(ClientTransactions.TimeOut));
        }

        return AnswerTo(settlement.Disposition) with { Transaction = transactionId };
    }

    private void Send(in MessageSnapshot message)
    {
        if (_link.TrySend(message, SizeOf(message.Content, message.DeadLetterSource)))
        {
            _services.Telemetry.Delivered(_queue.Entity.Name, message);
        }
        else
        {
            // The link ended between the decision and now: as if it had never been decided.
            _queue.Undeliver(message, Mode, _services.Now);
        }
    }

    /// <summary>The answer to a settlement, until it may be given.</summary>
    private sealed class SettlementAnswer(OutgoingLink link, uint deliveryId, Outcome answer) : ICommitWaiter
    {
        public void OnCommitted() => Give(answer);

        public void OnCommitFailed() => Give(Outcome.Refused(Errors.Internal(CommitFailedException.Text)));

        private void Give(in Outcome outcome)
        {
            link.Settle(deliveryId, outcome);
            link.Connection.Output.FlushSoon();
        }
    }

    /// <summary>A message that goes with its delivery, until it is gone for certain.</summary>
    private sealed class SafeDelivery(LinkConsumer consumer, MessageSnapshot message) : ICommitWaiter
    {
        public void OnCommitted()
        {
            consumer.Send(message);
            consumer._link.Connection.Output.FlushSoon();
        }

        /// <summary>Not sent, so that it may come back after the next start.</summary>
        public void OnCommitFailed() => consumer._link.Unreserve(SizeOf(message.Content, message.DeadLetterSource));
    }

    /// <summary>The answer to a drain behind such messages.</summary>
    private sealed class SafeDrain(OutgoingLink link, uint deliveryCount) : ICommitWaiter
    {
        public void OnCommitted()
        {
            link.Drained(deliveryCount);
            link.Connection.Output.FlushSoon();
        }

        public void OnCommitFailed()
        {
            // The connection is about to be closed, which is answer enough.
        }
    }
}
