using System.Collections.Concurrent;
using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>Requests and responses over a pair of links on one session; both sides send pre-settled.</summary>
internal sealed class RequestResponseLink : IAmqpLink
{
    private const int ResponseCredit = 100;
    private readonly string _replyTo = Guid.NewGuid().ToString();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<Message>> _pending = new();
    private SenderLink _requests;
    private ReceiverLink _responses;
    private ulong _lastId;

    public bool IsClosed => _requests.IsClosed || _responses.IsClosed;

    public static async Task<RequestResponseLink> OpenAsync(AmqpConnection connection, string address, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = new RequestResponseLink();
        var session = connection.CreateSession();
        var name = $"{address}-{result._replyTo}";
        (result._requests, _) = await LinkOpening.AttachAsync(
            onAttached => new SenderLink(
                session,
                name + ":sender",
                new Attach
                {
                    SndSettleMode = SenderSettleMode.Settled,
                    Source = new Source { Address = result._replyTo },
                    Target = new Target { Address = address },
                },
                onAttached),
            timeout,
            cancellationToken).ConfigureAwait(false);
        (result._responses, _) = await LinkOpening.AttachAsync(
            onAttached => new ReceiverLink(
                session,
                name + ":receiver",
                new Attach
                {
                    SndSettleMode = SenderSettleMode.Settled,
                    Source = new Source { Address = address },
                    Target = new Target { Address = result._replyTo },
                },
                onAttached),
            timeout,
            cancellationToken).ConfigureAwait(false);
        result._responses.Start(ResponseCredit, result.OnResponse);
        result._requests.AddClosedCallback((_, error) => result.FailPending(error));
        result._responses.AddClosedCallback((_, error) => result.FailPending(error));
        return result;
    }

    public async Task<Message> RequestAsync(Message request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        request.Properties ??= new Properties();
        request.Properties.SetMessageId(id);
        request.Properties.ReplyTo = _replyTo;
        var response = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = response;
        try
        {
            _requests.Send(request, deliveryState: null, callback: null, state: null);
            if (IsClosed)
            {
                FailPending(_requests.Error ?? _responses.Error);
            }

            return await response.Task.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    public void WhenClosed(Action callback) => _responses.AddClosedCallback((_, _) => callback());

    public async Task CloseAsync()
    {
        _requests.Close(TimeSpan.Zero);
        await LinkOpening.CloseAsync(_responses).ConfigureAwait(false);
    }

    private void OnResponse(IReceiverLink link, Message message)
    {
        _responses.Accept(message);
        if (message.Properties?.GetCorrelationId() is ulong id && _pending.TryRemove(id, out var response))
        {
            response.TrySetResult(message);
        }
    }

    private void FailPending(Error error)
    {
        foreach (var id in _pending.Keys)
        {
            if (_pending.TryRemove(id, out var response))
            {
                response.TrySetException(Errors.FromClosed(error, "The link"));
            }
        }
    }
}
