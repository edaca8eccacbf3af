using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities;

public sealed class SendingTests
{
    private const int Large = 100 * 1024 * 1024;

    [Fact]
    public void A_full_queue_refuses_until_there_is_room()
    {
        var queue = new QueueFixture(options => options with { MaxSizeInMegabytes = 1024, MaxMessageSizeInKilobytes = 102_400 });
        for (var index = 0; index < 10; index++)
        {
            Assert.Equal(SendOutcome.Accepted, SendLarge(queue));
        }

        Assert.Equal(SendOutcome.QueueFull, SendLarge(queue));
        Assert.Equal("amqp:resource-limit-exceeded", Errors.Of(SendOutcome.QueueFull, queue.Entity).Condition);
        Assert.Equal(10L * Large, queue.Counts.SizeInBytes);

        // Dead letters count too.
        var receiver = queue.Receive(credit: 2);
        queue.Settle(receiver.Received[0], Disposition.DeadLetter);
        Assert.Equal(SendOutcome.QueueFull, SendLarge(queue));
        queue.Settle(receiver.Received[1], Disposition.Complete);
        Assert.Equal(SendOutcome.Accepted, SendLarge(queue));
    }

    [Fact]
    public void A_batch_that_does_not_fit_is_refused_whole()
    {
        var queue = new QueueFixture(options => options with { MaxMessageSizeInKilobytes = 1 });

        Assert.Equal(
            SendOutcome.TooLarge, queue.Entity.Send([new TestContent("a"), new TestContent("b") { SizeInBytes = 1025 }], [], queue.Now));

        Assert.Equal(0, queue.Counts.Total);
    }

    [Fact]
    public void Duplicates_are_dropped_within_a_batch_too_and_scheduled_messages_count_when_they_are_submitted()
    {
        var queue = new QueueFixture(
            options => options with { RequiresDuplicateDetection = true, DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1) });
        queue.Entity.Send([new TestContent("a") { Id = "1" }, new TestContent("b") { Id = "1" }], [], queue.Now);
        queue.Send("later", due: queue.Now.AddMinutes(5), id: "2");

        Assert.Equal(SendOutcome.Accepted, queue.Send("now", id: "2"));

        Assert.Equal(["a", "later"], queue.Peek());
        queue.Advance(TimeSpan.FromMinutes(1));
        queue.Send("after the window", id: "1");
        Assert.Equal((2, 1), (queue.Counts.Active, queue.Counts.Scheduled));
    }

    private static SendOutcome SendLarge(QueueFixture queue) => queue.Entity.Send(new TestContent("x") { SizeInBytes = Large }, queue.Now);
}
