using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Amqp;

public sealed class FrameOutputTests
{
    private readonly Lock _gate = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 10_000, resumeWriterThreshold: 5_000));
    private readonly FrameOutput _output;
    private int _progress;

    public FrameOutputTests() => _output = new FrameOutput(_gate, _pipe.Writer) { Progressed = () => Interlocked.Increment(ref _progress) };

    [Fact]
    public void Nothing_is_held_back_unless_asked()
    {
        Accept(1);
        _output.Flush();
        Assert.Equal("accepted 1-1", Sent());
        Accept(2, 3);
        _output.Flush();
        Assert.Equal("accepted 2-3", Sent());
    }

    [Fact]
    public void What_is_held_back_goes_when_it_is_released()
    {
        _output.Hold();
        Accept(1, 2, 3);
        Write(100);
        _output.Flush();
        Assert.Equal("", Sent());

        _output.Release();

        Assert.Equal("accepted 1-3, 100 bytes", Sent());
    }

    [Fact]
    public async Task Acceptances_alone_go_soon_after_they_are_released_together_with_those_that_join_them()
    {
        _output.Hold();
        Accept(1, 2, 3);
        lock (_gate)
        {
            // Whoever is to send them waits for the gate.
            _output.Release();
            _output.AcceptUnderGate(0, isReceiver: true, 4);
        }

        await _output.WhenDrainedAsync().WaitAsync(Eventually.DefaultDeadline);
        Assert.Equal("accepted 1-4", Sent());
    }

    [Fact]
    public void Acceptances_go_before_what_has_to_come_behind_them()
    {
        Accept(1, 2);
        Write(100);
        Accept(3);
        _output.Flush();

        Assert.Equal("accepted 1-2, 100 bytes, accepted 3-3", Sent());
    }

    [Fact]
    public void Runs_are_kept_apart()
    {
        Accept(uint.MaxValue, 0, 2);
        lock (_gate)
        {
            _output.AcceptUnderGate(0, isReceiver: false, 3);
            _output.AcceptUnderGate(1, isReceiver: false, 4);
        }

        _output.Flush();

        Assert.Equal($"accepted {uint.MaxValue}-0, accepted 2-2, accepted 3-3, accepted 4-4", Sent());
    }

    [Fact]
    public void A_client_can_be_told_of_many_though_more_is_about_to_come()
    {
        _output.Hold();
        Accept([.. Enumerable.Range(1, 100).Select(id => (uint)id)]);
        Assert.Equal(100, _output.AcceptedCount);
        _output.FlushHeld();
        Assert.Equal("accepted 1-100", Sent());
        Assert.Equal(0, _output.AcceptedCount);
    }

    [Fact]
    public async Task Another_thread_can_be_asked_to_send()
    {
        Accept(1);
        lock (_gate)
        {
            // The other thread waits for the gate: what is accepted meanwhile joins.
            _output.FlushSoon();
            Accept(2);
        }

        await _output.WhenDrainedAsync().WaitAsync(Eventually.DefaultDeadline);
        Assert.Equal(
            2, Sent().Split(", ")
                .Sum(run => run.Split(' ')[1].Split('-') is [var first, var last] ? int.Parse(last) - int.Parse(first) + 1 : 0));
    }

    [Fact]
    public async Task What_a_client_does_not_take_waits_and_goes_in_order()
    {
        for (var frame = 1; frame <= 50; frame++)
        {
            Write(1000 + frame);
            _output.Flush();
        }

        Assert.True(_output.Pending > 30_000);
        var drained = _output.WhenDrainedAsync();
        Assert.False(drained.IsCompleted);
        var (before, sent) = (_progress, new List<string>());
        await Eventually.SucceedsAsync("the client takes all", () =>
        {
            sent.AddRange(Sent().Split(", ", StringSplitOptions.RemoveEmptyEntries));
            Assert.True(drained.IsCompleted && sent.Count == 50);
        });
        Assert.Equal(Enumerable.Range(1001, 50).Select(size => $"{size} bytes"), sent);
        Assert.Equal(0, _output.Pending);
        Assert.True(_progress > before);
    }

    [Fact]
    public async Task What_there_is_goes_before_the_end()
    {
        _output.Hold();
        Accept(1);

        await _output.CompleteAsync();

        var rest = await _pipe.Reader.ReadAsync();
        Assert.True(rest.IsCompleted);
        Assert.Equal("accepted 1-1", Describe(rest.Buffer.ToArray()));
        Write(100);
        _output.Flush();
    }

    [Fact]
    public async Task A_client_that_is_gone_takes_nothing_and_is_waited_for_by_nobody()
    {
        await _pipe.Reader.CompleteAsync();
        Write(100);
        _output.Flush();

        Assert.True(_output.IsFailed);
        await _output.WhenDrainedAsync().WaitAsync(Eventually.DefaultDeadline);
        Assert.True(_progress > 0);
    }

    private static string Describe(byte[] bytes)
    {
        var frames = new List<string>();
        for (var start = 0; start < bytes.Length; start += BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start)))
        {
            var frame = bytes.AsSpan(start, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start)));
            var reader = new WireReader(frame[8..]);
            if (reader.ReadDescriptor() == Descriptors.Disposition)
            {
                var disposition = DispositionFrame.Read(ref reader);
                Assert.Equal(Descriptors.Accepted, disposition.State.Kind);
                frames.Add($"accepted {disposition.First}-{disposition.Last}");
            }
            else
            {
                frames.Add($"{frame.Length} bytes");
            }
        }

        return string.Join(", ", frames);
    }

    private void Accept(params uint[] ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
            {
                _output.AcceptUnderGate(0, isReceiver: true, id);
            }
        }
    }

    /// <summary>Writes a frame of this size that is no disposition.</summary>
    private void Write(int size)
    {
        lock (_gate)
        {
            _output.WriteAcceptedUnderGate();
            var room = _output.BeginFrameUnderGate(0, size);
            room.Clear();
            RawConnection.Flow(0, 1).AsSpan(8).CopyTo(room);
            _output.EndFrameUnderGate(size - 8);
        }
    }

    /// <summary>What the client finds now; it takes it.</summary>
    private string Sent()
    {
        if (!_pipe.Reader.TryRead(out var result))
        {
            return "";
        }

        // Frames may lie across the chunks that the pipe is given: what is not whole is left.
        var bytes = result.Buffer.ToArray();
        var whole = 0;
        while (whole + 4 <= bytes.Length
            && whole + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(whole)) is var end
            && end <= bytes.Length)
        {
            whole = end;
        }

        _pipe.Reader.AdvanceTo(result.Buffer.GetPosition(whole), result.Buffer.End);
        return Describe(bytes[..whole]);
    }
}
