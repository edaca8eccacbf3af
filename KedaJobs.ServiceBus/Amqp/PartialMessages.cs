using System.Buffers.Binary;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The messages of a connection that have not arrived whole. The AMQP library collects their frames without a limit, and joins what does not belong
/// together; so this decides what it gets.
/// </summary>
/// <param name="maxMessageSize">The largest message that any queue takes, in bytes.</param>
internal sealed class PartialMessages(Func<long> maxMessageSize)
{
    /// <summary>What all messages under way on one connection may take together, beside one of the largest size, in bytes.</summary>
    public const long MaxTotal = 64 * 1024 * 1024;

    private readonly Dictionary<ulong, (uint? DeliveryId, long Received)> _messages = [];
    private long _total;

    /// <summary>
    /// Takes note of a frame. A message that is already too large goes on without its payload, so that it still comes to its end and is refused in
    /// the ordinary way.
    /// </summary>
    /// <param name="transfer">The frame's head.</param>
    /// <param name="size">The frame's size in bytes.</param>
    /// <returns>How many bytes of the frame the library gets.</returns>
    /// <exception cref="global::Amqp.AmqpException">The frame does not follow from those before, or there is too much under way.</exception>
    public int Accept(in TransferHead transfer, int size)
    {
        if (transfer.Aborted)
        {
            throw FrameGuard.Error("amqp:not-implemented", "A delivery cannot be aborted: send a message whole, or close the link.");
        }

        var isContinued = _messages.TryGetValue(transfer.Link, out var message);
        if (isContinued ? transfer.DeliveryId is { } id && id != message.DeliveryId : transfer.DeliveryId is null)
        {
            throw FrameGuard.Error(
                "amqp:session:errant-link",
                isContinued ? "A delivery begins before the one before it on the link is complete." : "The first transfer of a delivery has no delivery-id.");
        }

        if (!isContinued && !transfer.More)
        {
            return size;
        }

        var given = message.Received > maxMessageSize() ? transfer.PayloadStart : size;
        Track(transfer, isContinued ? message.DeliveryId : transfer.DeliveryId, message.Received, given - transfer.PayloadStart);
        return given;
    }

    /// <summary>Forgets what a link or session that ends has left incomplete: its handle or channel may be used again.</summary>
    /// <param name="performative">The frame's descriptor.</param>
    /// <param name="frame">The frame from its size field on, which was checked to be well-formed.</param>
    public void OnFrame(ulong performative, ReadOnlySpan<byte> frame)
    {
        if (_messages.Count == 0 || performative is not (Descriptors.Detach or Descriptors.End))
        {
            return;
        }

        var channel = (ulong)BinaryPrimitives.ReadUInt16BigEndian(frame[6..]) << 32;
        ulong? link = null;
        if (performative == Descriptors.Detach)
        {
            var reader = new WireReader(frame[FrameGuard.HeaderLength..]);
            reader.ReadDescriptor();
            link = channel | (uint)(reader.ReadList().Count > 0 ? reader.ReadUnsigned() ?? 0 : 0);
        }

        foreach (var (key, message) in _messages.Where(entry => link is null ? entry.Key >> 32 == channel >> 32 : entry.Key == link).ToList())
        {
            _total -= message.Received;
            _messages.Remove(key);
        }
    }

    private void Track(in TransferHead transfer, uint? deliveryId, long received, int payload)
    {
        if (!transfer.More)
        {
            _messages.Remove(transfer.Link);
            _total -= received;
            return;
        }

        _messages[transfer.Link] = (deliveryId, received + payload);
        _total += payload;
        if (_total > MaxTotal + maxMessageSize())
        {
            throw FrameGuard.Error(
                "amqp:resource-limit-exceeded", $"More than {MaxTotal} bytes of incomplete messages on one connection: finish some before beginning others.");
        }
    }
}
