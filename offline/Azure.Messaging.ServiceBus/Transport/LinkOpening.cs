using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>Attach and detach as awaitable steps.</summary>
internal static class LinkOpening
{
    /// <summary>
    /// Creates a link and waits for the service's attach. A refusal is an attach without terminus, then a detach with the reason.
    /// </summary>
    public static async Task<(T Link, Attach Reply)> AttachAsync<T>(Func<OnAttached, T> create, TimeSpan timeout, CancellationToken cancellationToken)
        where T : Link
    {
        var attached = new TaskCompletionSource<Attach>(TaskCreationOptions.RunContinuationsAsynchronously);
        var link = create((l, reply) =>
        {
            if ((l is ReceiverLink ? reply.Source : reply.Target) is not null)
            {
                attached.TrySetResult(reply);
            }
        });
        link.AddClosedCallback((_, error) => attached.TrySetException(Errors.FromClosed(error ?? link.Error, "The link")));
        try
        {
            var reply = await attached.Task.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);

            // A detach that follows at once (a session that could not be had) is part of the answer.
            return link.IsClosed ? throw Errors.FromClosed(link.Error, "The link") : (link, reply);
        }
        catch (Exception)
        {
            Abandon(link);
            throw;
        }
    }

    /// <summary>Closes a link and its session, and waits a moment for the service to agree.</summary>
    public static async Task CloseAsync(Link link)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.AddClosedCallback((_, _) => closed.TrySetResult());
        try
        {
            link.Close(TimeSpan.Zero);
            await closed.Task.WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AmqpException or TimeoutException or ObjectDisposedException)
        {
            // The peer or the connection is gone, and the link with it.
        }

        CloseSession(link);
    }

    public static void Abandon(Link link)
    {
        try
        {
            link.Close(TimeSpan.Zero);
        }
        catch (Exception e) when (e is AmqpException or ObjectDisposedException)
        {
            // Closed already, by the peer or with the connection.
        }

        CloseSession(link);
    }

    private static void CloseSession(Link link)
    {
        try
        {
            link.Session.Close(TimeSpan.Zero);
        }
        catch (Exception e) when (e is AmqpException or ObjectDisposedException)
        {
            // Closed already, by the peer or with the connection.
        }
    }
}
