using KedaJobs.ServiceBus;

namespace KedaJobs.Tests.ServiceBus;

public sealed class QueueOptionsValidatorTests
{
    /// <summary>
    /// Names that clients and frameworks give to queues and topics on the service itself; the portal
    /// and Azure Resource Manager are stricter.
    /// </summary>
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("group/some.input_queue-1")]
    [InlineData("MyCompany.Events/Fault--OrderSubmitted--")]
    [InlineData("OrderSubmitted__")]
    [InlineData("batcheditem__")]
    [InlineData("ends.")]
    public void Names_end_as_frameworks_make_them(string name)
    {
        Assert.Empty(QueueOptionsValidator.Validate(new QueueOptions { Name = name }));
        Assert.Empty(TopicOptionsValidator.Validate(new TopicOptions { Name = name }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("-a")]
    [InlineData("_a")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("a?b")]
    [InlineData("a\n")]
    [InlineData("a/Subscriptions/b")]
    [InlineData("a/subscriptions")]
    public void Other_names_are_refused(string name) =>
        Assert.StartsWith(
            $"Name: '{name}' is not a queue name. ", Assert.Single(QueueOptionsValidator.Validate(new QueueOptions { Name = name })),
            StringComparison.Ordinal);

    [Fact]
    public void A_name_has_260_characters_at_most()
    {
        Assert.Empty(QueueOptionsValidator.Validate(new QueueOptions { Name = new string('x', 260) }));
        Assert.Single(QueueOptionsValidator.Validate(new QueueOptions { Name = new string('x', 261) }));
    }

    public static TheoryData<QueueOptions, bool> Values() => new()
    {
        { Queue with { LockDuration = TimeSpan.FromSeconds(1) }, true },
        { Queue with { LockDuration = TimeSpan.FromMinutes(5) }, true },
        { Queue with { LockDuration = TimeSpan.FromSeconds(0.9) }, false },
        { Queue with { LockDuration = TimeSpan.FromMinutes(5.1) }, false },
        { Queue with { MaxDeliveryCount = 1 }, true },
        { Queue with { MaxDeliveryCount = int.MaxValue }, true },
        { Queue with { MaxDeliveryCount = 0 }, false },
        { Queue with { DuplicateDetectionHistoryTimeWindow = TimeSpan.FromSeconds(5) }, true },
        { Queue with { DuplicateDetectionHistoryTimeWindow = TimeSpan.FromSeconds(4) }, false },
        { Queue with { AutoDeleteOnIdle = TimeSpan.FromMinutes(5) }, true },
        { Queue with { AutoDeleteOnIdle = TimeSpan.FromMinutes(4) }, false },
        { Queue with { ForwardTo = "sb://localhost/Fault--X--" }, true },
        { Queue with { ForwardTo = "sb://localhost/" }, false },
        { Queue with { ForwardTo = "sb://localhost/QUEUE" }, false },
        { Queue with { ForwardTo = "x", RequiresSession = true }, false },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Values_have_the_ranges_of_the_service(QueueOptions queue, bool isAllowed) =>
        Assert.Equal(isAllowed ? 0 : 1, QueueOptionsValidator.Validate(queue).Count());

    private static QueueOptions Queue { get; } = new() { Name = "queue" };
}
