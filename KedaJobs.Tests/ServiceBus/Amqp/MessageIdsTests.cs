using KedaJobs.ServiceBus.Amqp;

namespace KedaJobs.Tests.ServiceBus.Amqp;

public sealed class MessageIdsTests
{
    [Fact]
    public void No_two_messages_get_the_same_id_whichever_threads_take_them()
    {
        var ids = new Guid[10_000];

        Parallel.For(0, ids.Length, index => ids[index] = MessageIds.Next());

        Assert.Distinct(ids);
    }
}
