using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>
/// Two things that AMQPNetLite 2.5.5 can do but does not offer to a receiving client: a disposition that is not settled yet, so that the
/// service's answer decides (its own methods settle at once), and a look at whether a drain has been answered.
/// </summary>
internal static class LiteAccess
{
    /// <summary>Sends disposition(role=receiver, settled=false, state). The answer arrives as a DeliveryStateChanged event.</summary>
    public static void SendOutcome(Message message, Session session, DeliveryState outcome)
    {
        var delivery = DeliveryOf(message) ?? throw new InvalidOperationException("The message was not received on a link.");
        DisposeDelivery(session, role: true, delivery, outcome, settled: false);
    }

    public static bool IsDraining(ReceiverLink link) => Volatile.Read(ref Drain(link));

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Delivery")]
    [return: UnsafeAccessorType("Amqp.Delivery, Amqp.Net")]
    private static extern object DeliveryOf(Message message);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "DisposeDelivery")]
    private static extern void DisposeDelivery(
        Session session, bool role, [UnsafeAccessorType("Amqp.Delivery, Amqp.Net")] object delivery, DeliveryState state, bool settled);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "drain")]
    private static extern ref bool Drain(ReceiverLink link);
}
