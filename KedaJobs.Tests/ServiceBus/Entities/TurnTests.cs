using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities;

/// <summary>A turn that fails releases the queue's lock: others go on.</summary>
public sealed class TurnTests
{
    [Theory]
    [InlineData("Added")]
    [InlineData("TurnEnded")]
    [InlineData("Removed")]
    public async Task A_turn_that_fails_does_not_keep_the_queue(string failing)
    {
        var journal = new FailingJournal();
        var queue = new QueueFixture(options => options with { DefaultMessageTimeToLive = TimeSpan.FromMinutes(1) }, journal);
        queue.Send("expires");
        journal.Failing = failing;

        // The time that passes removes the message at the beginning of the turn, before what is asked for.
        queue.Time.Advance(failing == "Removed" ? TimeSpan.FromHours(1) : TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(() => queue.Send("fails"));
        journal.Failing = "";

        // On another thread: this one would get the lock a second time.
        Assert.Equal(SendOutcome.Accepted, await Task.Run(() => queue.Send("next")).WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("next", await Task.Run(() => queue.Peek()).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Receivers_are_told_when_their_queue_begins_to_forward()
    {
        var queue = new QueueFixture();
        var receiver = queue.Receive();

        queue.Entity.Update(queue.Entity.Options with { ForwardTo = "next" }, queue.Now);

        Assert.Equal(DetachReason.QueueForwards, receiver.Detached);
    }

    private sealed class FailingJournal : IJournal
    {
        public string Failing { get; set; } = "";

        public void Added(SubQueue queue, BrokerMessage message) => FailIn(nameof(Added));

        public void Removed(SubQueue queue, BrokerMessage message) => FailIn(nameof(Removed));

        public void Left(SubQueue queue, long sequenceNumber)
        {
        }

        public void Delivering(SubQueue queue, BrokerMessage message)
        {
        }

        public void Changed(SubQueue queue, BrokerMessage message)
        {
        }

        public void Remembered(RememberedId id)
        {
        }

        public void Forgotten(RememberedId id)
        {
        }

        public void SessionStateSet(Session session)
        {
        }

        public void Defined(QueueEntity queue)
        {
        }

        public void Deleted(QueueEntity queue)
        {
        }

        public void TurnEnded(QueueEntity queue) => FailIn(nameof(TurnEnded));

        private void FailIn(string operation)
        {
            if (operation == Failing)
            {
                throw new InvalidOperationException(operation);
            }
        }
    }
}
