using System.Buffers;
using Amqp;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Writes the library's frames to a pipe.</summary>
internal static class FrameWriter
{
    /// <returns>How many bytes of messages were among them, frames' and performatives' own bytes not counted.</returns>
    public static long Write(IBufferWriter<byte> output, IList<ByteBuffer> frames)
    {
        var payload = 0L;
        foreach (var frame in frames)
        {
            var bytes = frame.Buffer.AsSpan(frame.Offset, frame.Length);
            output.Write(bytes);
            if (TransferHead.TryRead(bytes, out var transfer))
            {
                payload += bytes.Length - transfer.PayloadStart;
            }
        }

        return payload;
    }
}
