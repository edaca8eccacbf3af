using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Amqp;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Amqp;

public sealed class FrameOutputTests
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 10_000, resumeWriterThreshold: 5_000));
    private readonly FrameOutput _output;

    public FrameOutputTests() => _output = new FrameOutput(_pipe.Writer);

    [Fact]
    public async Task Nothing_is_held_back_unless_asked()
    {
        await SendAsync(Accepted(1));
        Assert.Equal("accepted 1-1", Sent());
        await SendAsync(Accepted(2), Accepted(3));
        Assert.Equal("accepted 2-3", Sent());
    }

    [Fact]
    public async Task Acceptances_are_held_back_and_go_in_one_frame()
    {
        _output.Hold();
        await SendAsync(Accepted(1));
        await SendAsync(Accepted(2), Accepted(3));
        Assert.Equal("", Sent());

        _output.Release();

        Assert.Equal("accepted 1-3", Sent());
        await SendAsync(Accepted(4));
        Assert.Equal("accepted 4-4", Sent());
    }

    [Fact]
    public async Task Other_frames_go_at_once_behind_what_was_held_back()
    {
        _output.Hold();
        await SendAsync(Accepted(1));
        await SendAsync(Accepted(2));
        await SendAsync(RawConnection.Flow(0, 1), Accepted(3));

        Assert.Equal("accepted 1-2, flow, accepted 3-3", Sent());
    }

    [Fact]
    public async Task Runs_are_kept_apart()
    {
        _output.Hold();
        await SendAsync(Accepted(1), Accepted(2), Accepted(4), Accepted(5, channel: 1), Accepted(6, channel: 1));
        _output.Release();

        Assert.Equal("accepted 1-2, accepted 4-4, accepted 5-6", Sent());
    }

    [Fact]
    public async Task A_client_hears_of_a_hundred_without_waiting_for_more()
    {
        _output.Hold();
        for (var id = 1u; id < 100; id++)
        {
            await SendAsync(Accepted(id));
        }

        Assert.Equal("", Sent());
        await SendAsync(Accepted(100));
        Assert.Equal("accepted 1-100", Sent());
        await SendAsync(Accepted(101));
        Assert.Equal("", Sent());
    }

    [Fact]
    public async Task What_is_held_back_goes_before_the_end()
    {
        _output.Hold();
        await SendAsync(Accepted(1));

        _output.Complete();
        _output.Release();
        _output.Complete();

        var rest = await _pipe.Reader.ReadAsync();
        Assert.True(rest.IsCompleted);
        Assert.Equal("accepted 1-1", Describe(rest.Buffer.ToArray()));
    }

    [Fact]
    public async Task Message_bytes_are_counted()
    {
        var transfer = RawConnection.Transfer(0, 1, RawConnection.Message(1000));
        Assert.True(TransferHead.TryRead(transfer, out var head));

        Assert.Equal(transfer.Length - head.PayloadStart, await SendAsync(Accepted(1), transfer));
    }

    [Fact]
    public async Task A_client_that_does_not_take_what_it_is_sent_is_waited_for()
    {
        Assert.Null(_output.Blocked);
        var sending = SendAsync(RawConnection.Transfer(0, 1, RawConnection.Message(20_000))).AsTask();
        var blocked = _output.Blocked;
        Assert.NotNull(blocked);
        Assert.False(sending.IsCompleted);

        Sent();

        await Eventually.InTimeAsync("it goes on", sending);
        await blocked;
        Assert.Null(_output.Blocked);
        await SendAsync(Accepted(2));
        Assert.Equal("accepted 2-2", Sent());
    }

    [Fact]
    public async Task What_is_released_to_a_client_that_does_not_take_it_holds_up_the_next_frames()
    {
        var almostAll = RawConnection.Transfer(0, 1, RawConnection.Message(9_950));
        await SendAsync(almostAll);
        _output.Hold();
        await SendAsync(Accepted(1), Accepted(3), Accepted(5));
        Assert.Null(_output.Blocked);

        _output.Release();

        Assert.NotNull(_output.Blocked);
        var next = SendAsync(RawConnection.Flow(0, 1)).AsTask();
        Assert.False(next.IsCompleted);
        Assert.Equal("transfer, accepted 1-1, accepted 3-3, accepted 5-5", Sent());
        await Eventually.InTimeAsync("it goes on", next);
        Assert.Equal("flow", Sent());
    }

    [Fact]
    public async Task A_client_that_is_gone_is_an_error()
    {
        await _pipe.Reader.CompleteAsync();

        await Assert.ThrowsAsync<IOException>(async () => await SendAsync(RawConnection.Flow(0, 1)));
    }

    [Fact]
    public async Task A_client_that_is_gone_when_something_is_released_is_an_error_of_the_next_frame()
    {
        _output.Hold();
        await SendAsync(Accepted(1));
        await _pipe.Reader.CompleteAsync();

        _output.Release();

        await Assert.ThrowsAsync<IOException>(async () => await SendAsync(Accepted(2)));
    }

    private static byte[] Accepted(uint id, ushort channel = 0) => RawConnection.Frame(
        0, channel, 0x15, RawConnection.True, RawConnection.UInt(id), RawConnection.Null, RawConnection.True, [0x00, 0x53, 0x24, 0x45]);

    private static string Describe(byte[] bytes)
    {
        var frames = new List<string>();
        for (var start = 0; start < bytes.Length; start += BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start)))
        {
            var frame = bytes.AsSpan(start, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start)));
            frames.Add(
                Acceptance.TryRead(frame, out var accepted) ? $"accepted {accepted.First}-{accepted.Last}"
                : TransferHead.TryRead(frame, out _) ? "transfer"
                : "flow");
        }

        return string.Join(", ", frames);
    }

    private ValueTask<long> SendAsync(params byte[][] frames) =>
        _output.SendAsync([.. frames.Select(frame => new ByteBuffer(frame, 0, frame.Length, frame.Length))]);

    /// <summary>What the client finds now; it takes it.</summary>
    private string Sent()
    {
        if (!_pipe.Reader.TryRead(out var result))
        {
            return "";
        }

        var bytes = result.Buffer.ToArray();
        _pipe.Reader.AdvanceTo(result.Buffer.End);
        return Describe(bytes);
    }
}
