using System.IO.Pipelines;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Limits;

public sealed class UntakenAnswersTests
{
    [Fact]
    public async Task A_client_that_does_not_take_its_answers_is_not_read_from_for_ever()
    {
        // Each frame that is refused is answered with another.
        const int Frames = 200_000;
        var (fromClient, toClient) = (new Pipe(new PipeOptions(pauseWriterThreshold: 0)), new Pipe(
            new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500)));
        using var connection = new AmqpConnection(
            new Duplex(fromClient.Reader, toClient.Writer),
            new ConnectionSettings("test", 65536, 10, TimeSpan.FromMinutes(1), () => 1024, TimeProvider.System), new Refusing());
        var running = connection.RunAsync();
        await fromClient.Writer.WriteAsync((byte[])[.. "AMQP"u8, 0, 1, 0, 0, .. RawConnection.Open(), .. RawConnection.Begin(0)]);
        byte[] question = RawConnection.Flow(0, 1, link: null, echo: true);
        for (var frame = 0; frame < Frames; frame++)
        {
            question.CopyTo(fromClient.Writer.GetSpan(question.Length));
            fromClient.Writer.Advance(question.Length);
        }

        await fromClient.Writer.FlushAsync();
        await Eventually.SucceedsAsync("much is waiting", () => Assert.True(connection.Output.Pending > 4 * 1024 * 1024));
        Assert.InRange(connection.Output.Pending, 4 * 1024 * 1024, 5 * 1024 * 1024);

        // When the client takes what it is sent, it is read from again, to the last frame.
        await fromClient.Writer.CompleteAsync();
        var taken = 0L;
        while (await toClient.Reader.ReadAsync() is var read && !(read.IsCompleted && read.Buffer.IsEmpty))
        {
            taken += read.Buffer.Length;
            toClient.Reader.AdvanceTo(read.Buffer.End);
        }

        await running.WaitAsync(Eventually.DefaultDeadline);
        Assert.True(taken > Frames * 30, $"{taken} bytes are too few for the answers to {Frames} frames.");
    }

    private sealed class Refusing : ILinkRouter
    {
        public void Attach(IncomingLink link) => throw new NotSupportedException();

        public void Attach(OutgoingLink link) => throw new NotSupportedException();
    }
}
