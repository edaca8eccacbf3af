using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

/// <summary>An attached sender: messages out, outcomes back.</summary>
internal sealed class SendLink : IAmqpLink
{
    private readonly SenderLink _link;

    private SendLink(SenderLink link, long maxMessageSize)
    {
        _link = link;
        MaxMessageSize = maxMessageSize;
    }

    public bool IsClosed => _link.IsClosed;

    public long MaxMessageSize { get; }

    public static Task<SendLink> OpenAsync(AmqpScope scope, string entityPath, string identifier, TimeSpan timeout, CancellationToken cancellationToken) =>
        scope.OpenLinkAsync(
            entityPath,
            (connection, tryTimeout) => AttachAsync(connection, entityPath, identifier, tryTimeout, cancellationToken),
            static (link, closed) => link._link.AddClosedCallback((_, _) => closed()),
            timeout,
            cancellationToken);

    public async Task SendAsync(Message message, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (MessageConverter.SizeIfAbove(message, MaxMessageSize) is { } size)
        {
            throw new ServiceBusException(
                $"The message has {size} bytes; the service takes {MaxMessageSize}.", ServiceBusFailureReason.MessageSizeExceeded);
        }

        var answer = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _link.Send(message, deliveryState: null, static (_, _, outcome, state) => ((TaskCompletionSource<Outcome>)state).TrySetResult(outcome), answer);
        switch (await answer.Task.WaitAsync(timeout, cancellationToken).ConfigureAwait(false))
        {
            case Accepted:
                return;
            case Rejected rejected:
                throw _link.IsClosed && rejected.Error is null
                    ? Errors.FromClosed(_link.Error, "The link")
                    : Errors.FromAmqp(rejected.Error);
            default:
                // lite reports what was in flight as released when the link or connection goes.
                throw Errors.FromClosed(_link.Error, "The link");
        }
    }

    public Task CloseAsync() => LinkOpening.CloseAsync(_link);

    private static async Task<SendLink> AttachAsync(
        AmqpConnection connection, string entityPath, string identifier, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var attach = new Attach
        {
            SndSettleMode = SenderSettleMode.Mixed,
            Source = new Source { Address = identifier },
            // The .NET client makes the address from a URI's path: with its slash, percent-encoded.
            Target = new Target { Address = LinkAddress.Of(entityPath) },
            Properties = new Fields
            {
                [new Symbol("com.microsoft:timeout")] = (uint)timeout.TotalMilliseconds,
                [new Symbol("com.microsoft:entity-type")] = LinkAddress.EntityTypeUnknown,
            },
        };
        var session = connection.CreateSession();
        var (link, reply) = await LinkOpening.AttachAsync(
            onAttached => new SenderLink(session, $"{identifier}:{Guid.NewGuid():N}", attach, onAttached), timeout, cancellationToken).ConfigureAwait(false);
        return new SendLink(link, reply.MaxMessageSize is > 0 and <= long.MaxValue ? (long)reply.MaxMessageSize : long.MaxValue);
    }
}
