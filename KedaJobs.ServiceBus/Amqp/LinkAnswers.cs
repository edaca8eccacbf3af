using Amqp;
using Amqp.Framing;
using Amqp.Listener;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Answers over links that may have ended meanwhile: then nobody waits for them.</summary>
internal static class LinkAnswers
{
    public static void TryDispose(this ListenerLink link, Message message, DeliveryState state)
    {
        try
        {
            link.DisposeMessage(message, state, settled: true);
        }
        catch (Exception ended) when (ended is AmqpException or ObjectDisposedException)
        {
            // The client will settle again, or its message comes again: it never got an answer.
        }
    }

    public static bool TrySend(this ListenerLink link, Message message, ByteBuffer? encoded = null)
    {
        try
        {
            link.SendMessage(message, encoded);
            return true;
        }
        catch (Exception ended) when (ended is AmqpException or ObjectDisposedException)
        {
            return false;
        }
    }

    public static void TryClose(this ListenerLink link, Error error)
    {
        try
        {
            link.Close(TimeSpan.Zero, error);
        }
        catch (Exception ended) when (ended is AmqpException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }
}
