using System.Collections.Concurrent;
using System.Threading.Channels;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Types;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

/// <summary>How a receiver attaches. With sessions, no session id means any free session.</summary>
internal sealed record ReceiveLinkSettings(
    string EntityPath, string Identifier, ServiceBusReceiveMode Mode, int PrefetchCount, bool IsSession = false, string SessionId = null);

/// <summary>An attached receiver: credit out, messages in, outcomes out, answers in.</summary>
internal sealed class ReceiveLink : IAmqpLink
{
    private static readonly Symbol SessionFilter = "com.microsoft:session-filter";
    private static readonly Symbol LockedUntilUtc = "com.microsoft:locked-until-utc";

    /// <summary>After the first message, the others of a batch get this long to arrive.</summary>
    private static readonly TimeSpan BatchWait = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly Channel<Message> _arrived = Channel.CreateUnbounded<Message>();
    private readonly ConcurrentDictionary<Guid, Message> _unsettled = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<DeliveryState>> _answers = new();
    private readonly object _creditGate = new();
    private readonly ReceiveLinkSettings _settings;
    private readonly ReceiverLink _link;
    private int _outstandingCredit;
    private int _waiting;
    private int _prefetchCount;

    private ReceiveLink(AmqpConnection connection, ReceiverLink link, Attach reply, ReceiveLinkSettings settings)
    {
        _settings = settings;
        _link = link;
        _prefetchCount = settings.PrefetchCount;
        var filter = (reply.Source as Source)?.FilterSet;
        if (settings.IsSession && filter is not null && filter.TryGetValue(SessionFilter, out var session))
        {
            SessionId = (session as DescribedValue)?.Value as string ?? session as string;
        }

        if (reply.Properties is not null && reply.Properties.TryGetValue(LockedUntilUtc, out var ticks) && ticks is long utcTicks)
        {
            SessionLockedUntil = new DateTimeOffset(utcTicks, TimeSpan.Zero);
        }

        connection.ListenForOutcomes(link, OnAnswer);
        link.AddClosedCallback((_, error) => OnClosed(error));
        _link.Start(0, OnMessage);
        TopUp(settings.PrefetchCount);
    }

    public bool IsClosed => _link.IsClosed;

    public string SessionId { get; }

    public DateTimeOffset SessionLockedUntil { get; }

    public Error Error => _link.Error;

    public static Task<ReceiveLink> OpenAsync(AmqpScope scope, ReceiveLinkSettings settings, TimeSpan timeout, CancellationToken cancellationToken) =>
        scope.OpenLinkAsync(
            settings.EntityPath,
            (connection, tryTimeout) => AttachAsync(connection, settings, tryTimeout, cancellationToken),
            static (link, closed) => link._link.AddClosedCallback((_, _) => closed()),
            timeout,
            cancellationToken);

    public async Task<IReadOnlyList<Message>> ReceiveAsync(int max, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        var messages = new List<Message>();
        var deadline = Deadline.After(maxWait);
        Interlocked.Add(ref _waiting, max);
        try
        {
            // Another call may take what this one was woken for.
            for (Take(messages, max); messages.Count == 0; Take(messages, max))
            {
                RequestOnDemand();
                if (!await WaitToReadAsync(deadline.Left, cancellationToken).ConfigureAwait(false))
                {
                    return messages;
                }
            }

            await CompleteBatchAsync(messages, max, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Add(ref _waiting, -max);
            if (_prefetchCount > 0 && messages.Count > 0)
            {
                TopUp(_prefetchCount);
            }
        }

        return messages;
    }

    /// <summary>Whether this link can settle the message: it brought it, and is still there.</summary>
    public bool Owns(Guid lockToken) => !IsClosed && _unsettled.ContainsKey(lockToken);

    /// <summary>Sends an outcome and waits for the service's answer to it.</summary>
    /// <returns>The error with which the service refused, or null.</returns>
    public async Task<Error> SettleAsync(Guid lockToken, Outcome outcome, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!_unsettled.TryGetValue(lockToken, out var message))
        {
            return new Error(ErrorCode.NotFound);
        }

        var answer = new TaskCompletionSource<DeliveryState>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_answers.TryAdd(lockToken, answer))
        {
            throw new InvalidOperationException("The message is being settled already.");
        }

        try
        {
            LiteAccess.SendOutcome(message, _link.Session, outcome);
            if (IsClosed)
            {
                throw Errors.FromClosed(_link.Error, "The link");
            }

            var state = await answer.Task.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
            _unsettled.TryRemove(lockToken, out _);
            return (state as Rejected)?.Error;
        }
        finally
        {
            _answers.TryRemove(lockToken, out _);
        }
    }

    public void UpdatePrefetchCount(int prefetchCount)
    {
        _prefetchCount = prefetchCount;
        TopUp(prefetchCount);
    }

    /// <summary>Takes unused credit back, so that nothing arrives (and gets locked) while nobody waits.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_creditGate)
        {
            if (_outstandingCredit == 0 || IsClosed)
            {
                return;
            }

            _link.SetCredit(_outstandingCredit, CreditMode.Drain);
        }

        // lite tells nobody when a drain ends; it is one round trip away.
        for (var tries = 0; tries < 200 && !IsClosed && LiteAccess.IsDraining(_link); tries++)
        {
            await Task.Delay(tries < 20 ? 1 : 5, cancellationToken).ConfigureAwait(false);
        }

        lock (_creditGate)
        {
            _outstandingCredit = 0;
        }

        if (_prefetchCount > 0)
        {
            TopUp(_prefetchCount);
        }
    }

    /// <summary>Messages that arrived and nobody took are given back before the link closes.</summary>
    public async Task CloseAsync()
    {
        _prefetchCount = 0;
        if (!IsClosed && _settings.Mode == ServiceBusReceiveMode.PeekLock)
        {
            await DrainAsync(CancellationToken.None).ConfigureAwait(false);
            var releases = new List<Task>();
            while (_arrived.Reader.TryRead(out var message))
            {
                releases.Add(SettleAsync(TokenOf(message), new Released(), TimeSpan.FromSeconds(5), CancellationToken.None));
            }

            try
            {
                await Task.WhenAll(releases).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ServiceBusException or TimeoutException or AmqpException)
            {
                // Their locks expire instead.
            }
        }

        await LinkOpening.CloseAsync(_link).ConfigureAwait(false);
    }

    public static Guid TokenOf(Message message) => message.DeliveryTag is { Length: 16 } tag ? new Guid(tag) : Guid.Empty;

    private static async Task<ReceiveLink> AttachAsync(
        AmqpConnection connection, ReceiveLinkSettings settings, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var source = new Source { Address = LinkAddress.Of(settings.EntityPath) };
        if (settings.IsSession)
        {
            source.FilterSet = new Map { [SessionFilter] = settings.SessionId };
        }

        var peekLock = settings.Mode == ServiceBusReceiveMode.PeekLock;
        var attach = new Attach
        {
            SndSettleMode = peekLock ? SenderSettleMode.Unsettled : SenderSettleMode.Settled,
            RcvSettleMode = peekLock ? ReceiverSettleMode.Second : ReceiverSettleMode.First,
            Source = source,
            Target = new Target { Address = settings.Identifier },
            Properties = new Fields
            {
                [new Symbol("com.microsoft:timeout")] = (uint)timeout.TotalMilliseconds,
                [new Symbol("com.microsoft:entity-type")] = LinkAddress.EntityTypeUnknown,
                [new Symbol("com.microsoft:receiver-name")] = settings.Identifier,
            },
        };
        var session = connection.CreateSession();

        // The service answers a session that is not to be had within the time given to it: wait a little longer than that.
        var wait = settings.IsSession ? timeout + TimeSpan.FromSeconds(5) : timeout;
        var (link, reply) = await LinkOpening.AttachAsync(
            onAttached => new ReceiverLink(session, $"{settings.Identifier}:{Guid.NewGuid():N}", attach, onAttached), wait, cancellationToken).ConfigureAwait(false);
        return new ReceiveLink(connection, link, reply, settings);
    }

    // What has been taken is the caller's, whatever happens while more may come.
    private async Task CompleteBatchAsync(List<Message> messages, int max, CancellationToken cancellationToken)
    {
        try
        {
            while (messages.Count < max && await WaitToReadAsync(BatchWait, cancellationToken).ConfigureAwait(false))
            {
                Take(messages, max);
            }
        }
        catch (Exception e) when (e is ServiceBusException or OperationCanceledException)
        {
            // The next call tells of it.
        }
    }

    private void Take(List<Message> messages, int max)
    {
        while (messages.Count < max && _arrived.Reader.TryRead(out var message))
        {
            messages.Add(message);
        }
    }

    private async Task<bool> WaitToReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (_arrived.Reader.Count > 0)
        {
            return true;
        }

        // Cancelling takes the waiter out of the channel; merely not waiting any longer would leave it there until a message comes.
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(wait < LongestTimer ? wait : LongestTimer);
        try
        {
            return await _arrived.Reader.WaitToReadAsync(timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // Without prefetch the credit is what the waiting calls want, less what is on its way or here.
    private void RequestOnDemand()
    {
        if (_prefetchCount == 0)
        {
            TopUp(Volatile.Read(ref _waiting));
        }
    }

    private void TopUp(int target)
    {
        lock (_creditGate)
        {
            var missing = target - _outstandingCredit - _arrived.Reader.Count;

            // A flow per message would double the traffic: wait until half is used up, unless nothing is left.
            if (missing <= 0 || (_prefetchCount > 0 && _outstandingCredit > 0 && missing < target / 2))
            {
                return;
            }

            _outstandingCredit += missing;
            _link.SetCredit(missing, CreditMode.Manual);
        }
    }

    private void OnMessage(IReceiverLink link, Message message)
    {
        if (_settings.Mode == ServiceBusReceiveMode.PeekLock)
        {
            _unsettled[TokenOf(message)] = message;
        }

        lock (_creditGate)
        {
            _outstandingCredit = Math.Max(0, _outstandingCredit - 1);
        }

        _arrived.Writer.TryWrite(message);
    }

    private void OnAnswer(IDelivery delivery)
    {
        if (delivery.Tag is { Length: 16 } tag && _answers.TryRemove(new Guid(tag), out var answer))
        {
            answer.TrySetResult(delivery.State);
        }
    }

    private void OnClosed(Error error)
    {
        var exception = Errors.FromClosed(error ?? _link.Error, "The link");
        _arrived.Writer.TryComplete(_settings.IsSession ? Errors.LostSessionLock() : exception);
        foreach (var token in _answers.Keys)
        {
            if (_answers.TryRemove(token, out var answer))
            {
                answer.TrySetException(exception);
            }
        }

        _unsettled.Clear();
    }
}
