using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Transactions;
using Amqp.Types;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The broker's end of a link over which a client receives from a queue.</summary>
internal sealed class DeliveryEndpoint(LinkConsumer consumer) : LinkEndpoint
{
    public override void OnFlow(FlowContext flowContext) => consumer.OnFlow(flowContext);

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        // When a link ends, the library reports all that is unsettled as released. Service Bus gives it back only when the locks lapse.
        if (!consumer.IsGone)
        {
            consumer.OnDisposition(dispositionContext);
        }
    }
}

/// <summary>A receiver at a queue that is an AMQP link.</summary>
internal sealed class LinkConsumer : Consumer, IPausable, ICommitWaiter
{
    private readonly BrokerServices _services;
    private readonly SubQueue _queue;
    private readonly ListenerLink _link;
    private readonly ClientConnection _client;
    private readonly Queue<MessageSnapshot> _deleted = new();
    private SessionAttach? _sessionAttach;
    private int _completingThread;
    private volatile bool _isGone;

    public LinkConsumer(BrokerServices services, SubQueue queue, ListenerLink link)
    {
        _services = services;
        _queue = queue;
        _link = link;
        _client = ClientConnection.Of(link);
        Mode = link.SettleOnSend ? ReceiveMode.ReceiveAndDelete : ReceiveMode.PeekLock;
        link.AddClosedCallback((_, _) => OnLinkClosed());
    }

    internal override bool IsGone => _isGone || _link.IsClosed;

    /// <summary>Answers the attach. Until then, and from within, flows count from what was sent before: nothing.</summary>
    public void CompleteAttach(AttachContext context)
    {
        Volatile.Write(ref _completingThread, Environment.CurrentManagedThreadId);
        context.Complete(new DeliveryEndpoint(this), 0);
        Volatile.Write(ref _completingThread, 0);
    }

    /// <summary>Keeps the attach until a session is found.</summary>
    public void Await(SessionAttach attach) => Volatile.Write(ref _sessionAttach, attach);

    public void OnFlow(FlowContext context)
    {
        // Credit that came before the attach was answered is reported from within the answer, without a frame of its own.
        var flow = Volatile.Read(ref _completingThread) == Environment.CurrentManagedThreadId
            ? new LinkFlow(0, (uint)context.Messages, false)
            : _client.LastFlow;
        _queue.SetLimit(this, flow.Limit, flow.Drain, _services.Now);
    }

    public void OnDisposition(DispositionContext context)
    {
        var message = (OutgoingMessage)context.Message;
        if (ReadSettlement(context.DeliveryState) is not { } settlement)
        {
            message.Answer = Outcomes.Rejection(context.DeliveryState is TransactionalState
                ? Errors.NoTransactions()
                : Errors.Create(ErrorCode.InvalidField, "A disposition must have the state accepted, rejected, released or modified."));
        }
        else
        {
            var outcome = _queue.Settle(message.LockToken, settlement, _services.Now);
            _services.Telemetry.Settled();
            message.Answer = outcome == SettleOutcome.Done
                ? AnswerTo(settlement.Disposition)
                : Outcomes.Rejection(Errors.Of(outcome, _queue.Entity));
        }

        if (!context.Settled)
        {
            message.Link = context.Link;
            _services.Commits.Run(message);
        }
    }

    public void Resume() => _queue.SetPaused(this, false, _services.Now);

    /// <summary>The oldest of the messages that go with their delivery is gone for certain.</summary>
    public void OnCommitted()
    {
        MessageSnapshot message;
        lock (_deleted)
        {
            message = _deleted.Dequeue();
        }

        Send(message);
    }

    /// <summary>Not sent, so that it may come back after the next start.</summary>
    public void OnCommitFailed()
    {
        lock (_deleted)
        {
            _deleted.Dequeue();
        }
    }

    protected override void OnDelivery(in MessageSnapshot message)
    {
        if (Mode == ReceiveMode.PeekLock || _services.Commits.IsImmediate)
        {
            Send(message);
            return;
        }

        // A message that is gone when sent must not come back: it is sent only when its removal is safe.
        lock (_deleted)
        {
            _deleted.Enqueue(message);
        }

        _services.Commits.Run(this);
    }

    protected override void OnDrained()
    {
        if (IsGone)
        {
            return;
        }

        try
        {
            // Both official clients take the answer to a drain from this flow: credit 0, drain set, our delivery count.
            _link.SetCredit(0, drain: true, autoRestore: false);
        }
        catch (AmqpException)
        {
            // The link is being closed: nobody waits for the answer.
        }
    }

    protected override void OnSessionGranted(string sessionId, DateTime lockedUntil)
    {
        try
        {
            Volatile.Read(ref _sessionAttach)!.Complete(this, sessionId, lockedUntil);
        }
        catch (AmqpException)
        {
            // The client is gone meanwhile.
            _queue.Detach(this, _services.Now);
        }
    }

    protected override void OnSessionWaitEnded() => Refuse(
        Errors.Timeout("No session became available within the time that the client was ready to wait."));

    protected override void OnDetached(DetachReason reason)
    {
        var error = Errors.Of(reason, _queue.Entity);
        if (Session is null && Volatile.Read(ref _sessionAttach) is { IsCompleted: false })
        {
            Refuse(error);
            return;
        }

        _link.TryClose(error);
    }

    private static DeliveryState AnswerTo(Disposition disposition) => disposition switch
    {
        Disposition.Complete => Outcomes.Accepted,
        Disposition.Release => Outcomes.Released,

        // Without the client's own error: both clients would throw it.
        Disposition.DeadLetter => Outcomes.Rejected,
        _ => Outcomes.Modified,
    };

    private static Settlement? ReadSettlement(DeliveryState? state) => state switch
    {
        Accepted => Settlement.Complete,
        Released => new Settlement(Disposition.Release),
        Modified modified => new Settlement(modified.UndeliverableHere ? Disposition.Defer : Disposition.Abandon)
        {
            Properties = Properties(modified.MessageAnnotations),
        },
        Rejected rejected => DeadLetter(rejected.Error?.Info),
        _ => null,
    };

    private static Settlement DeadLetter(Map? info)
    {
        const string Reason = "DeadLetterReason";
        const string Description = "DeadLetterErrorDescription";
        return new Settlement(Disposition.DeadLetter)
        {
            Reason = Text(Reason),
            Description = Text(Description),
            Properties = info is null ? null : Properties(info)?.Where(property => property.Key is not (Reason or Description)).ToList(),
        };

        string? Text(string key) => info?.FirstOrDefault(entry => entry.Key.ToString() == key).Value as string;
    }

    /// <summary>"Properties to modify" travel as annotations and become application properties.</summary>
    private static List<KeyValuePair<string, object?>>? Properties(Map? map) =>
        map is null || map.Count == 0 ? null : [.. map.Select(entry => new KeyValuePair<string, object?>(entry.Key.ToString()!, entry.Value))];

    private void Refuse(Error error)
    {
        try
        {
            Volatile.Read(ref _sessionAttach)!.Refuse(error);
        }
        catch (AmqpException)
        {
            // The client is gone meanwhile.
        }
    }

    private void Send(in MessageSnapshot message)
    {
        var encoded = DeliveryEncoder.Encode(message);
        var outgoing = new OutgoingMessage(message.LockToken);
        var pause = _client.OnHandedOver(encoded.Count, this);
        if (!_link.TrySend(outgoing, new ByteBuffer(encoded.Array, encoded.Offset, encoded.Count, encoded.Count)))
        {
            // The link ended between the decision and now: as if it had never been decided.
            _queue.Undeliver(message, Mode, _services.Now);
            return;
        }

        _services.Telemetry.Delivered();
        if (pause)
        {
            _queue.SetPaused(this, true, _services.Now);
        }
    }

    /// <summary>Called under the library's locks, so that nothing of the queue may be touched here.</summary>
    private void OnLinkClosed()
    {
        _isGone = true;
        ThreadPool.UnsafeQueueUserWorkItem(
            static consumer =>
            {
                consumer._queue.Detach(consumer, consumer._services.Now);
                consumer._client.OnLinkClosed(consumer);
            },
            this,
            preferLocal: false);
    }
}
