using System.Buffers;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.Tests.ServiceBus.Wire;

namespace KedaJobs.Tests.ServiceBus.Amqp;

public sealed class AcceptanceTests
{
    private static readonly byte[] Accepted = [0x00, 0x53, 0x24, 0x45];

    public static TheoryData<string, byte[]> Others => new()
    {
        { "rejected", Disposition(RawConnection.UInt(1), RawConnection.Null, RawConnection.True, [0x00, 0x53, 0x25, 0x45]) },
        { "not settled", Disposition(RawConnection.UInt(1), RawConnection.Null, RawConnection.False, Accepted) },
        { "settled without a state", Disposition(RawConnection.UInt(1), RawConnection.Null, RawConnection.True, RawConnection.Null) },
        { "settled and no more", Disposition(RawConnection.UInt(1), RawConnection.Null, RawConnection.True) },
        { "a flow", RawConnection.Flow(0, 1) },
        { "a heartbeat", [0, 0, 0, 8, 2, 0, 0, 0] },
        { "the protocol header", [.. "AMQP"u8, 0, 1, 0, 0] },
    };

    [Theory]
    [InlineData(1u, null, 1u)]
    [InlineData(7u, 7u, 7u)]
    [InlineData(7u, 12u, 12u)]
    [InlineData(uint.MaxValue, 0u, 0u)]
    public void An_acceptance_is_read(uint first, uint? last, uint expected)
    {
        var frame = RawConnection.Frame(
            0, 3, 0x15, RawConnection.True, RawConnection.UInt(first), last is { } id ? RawConnection.UInt(id) : RawConnection.Null, RawConnection.True, Accepted);

        Assert.True(Acceptance.TryRead(frame, out var acceptance));
        Assert.Equal(new Acceptance(3, true, first, expected), acceptance);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void Other_frames_are_none(string what, byte[] frame) => Assert.False(Acceptance.TryRead(frame, out _), what);

    [Fact]
    public void What_follows_is_put_together()
    {
        var one = new Acceptance(3, true, 1, 2);

        Assert.Equal(new Acceptance(3, true, 1, 5), one.TryAppend(new Acceptance(3, true, 3, 5)));
        Assert.Equal(new Acceptance(3, true, 1, 0), (one with { Last = uint.MaxValue }).TryAppend(new Acceptance(3, true, 0, 0)));
    }

    [Fact]
    public void What_does_not_follow_is_not()
    {
        var one = new Acceptance(3, true, 1, 2);

        Assert.Null(one.TryAppend(new Acceptance(3, true, 4, 4)));
        Assert.Null(one.TryAppend(new Acceptance(3, true, 2, 2)));
        Assert.Null(one.TryAppend(new Acceptance(4, true, 3, 3)));
        Assert.Null(one.TryAppend(new Acceptance(3, false, 3, 3)));
    }

    [Theory]
    [InlineData(true, 1, 1)]
    [InlineData(false, uint.MaxValue, 3)]
    public void What_is_written_is_read_again(bool isReceiver, uint first, uint last)
    {
        var acceptance = new Acceptance(ushort.MaxValue, isReceiver, first, last);
        var output = new ArrayBufferWriter<byte>();

        acceptance.Write(output);

        Assert.True(Acceptance.TryRead(output.WrittenSpan, out var read));
        Assert.Equal(acceptance, read);
        Assert.Equal(output.WrittenCount, output.WrittenSpan[3]);
        LinkFlow flow = default;
        Assert.Equal(Descriptors.Disposition, FrameGuard.Check(output.WrittenSpan.ToArray(), ref flow));
    }

    private static byte[] Disposition(params byte[][] fields) => RawConnection.Frame(0, 3, 0x15, [RawConnection.True, .. fields]);
}
