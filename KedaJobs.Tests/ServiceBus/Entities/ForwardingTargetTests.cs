using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.Tests.ServiceBus.Entities.Topics;

namespace KedaJobs.Tests.ServiceBus.Entities;

public sealed class ForwardingTargetTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("orders", "orders")]
    [InlineData("/orders/", "orders")]
    [InlineData("group/orders", "group/orders")]
    [InlineData("sb://localhost/orders", "orders")]
    [InlineData("http://localhost/group/some.orders", "group/some.orders")]
    [InlineData("https://ns.servicebus.windows.net/Fault--Order--", "Fault--Order--")]
    [InlineData("sb://localhost:5672/a%20b", "a b")]
    public void A_target_is_named_or_is_a_URI(string? target, string? name) => Assert.Equal(name, ForwardingTarget.NameOf(target));

    [Theory]
    [InlineData(null, null)]
    [InlineData("group/orders", "sb://localhost/group/orders")]
    [InlineData("http://localhost/orders", "http://localhost/orders")]
    [InlineData("sb://localhost:5672/a%20b", "sb://localhost:5672/a%20b")]
    [InlineData("SB://NS.SERVICEBUS.WINDOWS.NET/ORDERS", "sb://ns.servicebus.windows.net/ORDERS")]
    public void Administration_clients_get_what_was_sent_or_the_URI_of_a_name(string? target, string? uri) =>
        Assert.Equal(uri, ForwardingTarget.ToUri(target, "localhost"));

    [Fact]
    public void A_target_must_exist_when_its_source_is_created_or_changed()
    {
        using var catalog = new TopicFixture(subscriptions: new SubscriptionOptions { Name = "a" });
        var queue = new QueueOptions { Name = "in", ForwardTo = "nowhere", ForwardDeadLetteredMessagesTo = "sb://localhost/nothing" };

        Assert.Equal(CatalogOutcome.Invalid, catalog.Catalog.Create(queue, out _, out var problems));
        Assert.Equal(
            [
                "ForwardTo: there is no queue or topic 'nowhere'. Create it first.",
                "ForwardDeadLetteredMessagesTo: there is no queue or topic 'nothing'. Create it first.",
            ],
            problems);
        Assert.Null(catalog.Catalog.Find("in"));

        catalog.CreateQueue(new QueueOptions { Name = "in" });
        Assert.Equal(CatalogOutcome.Invalid, catalog.Catalog.Update(queue, out _, out _));
        Assert.Equal(
            CatalogOutcome.Invalid,
            catalog.Catalog.Update("news", new SubscriptionOptions { Name = "a", ForwardTo = "nowhere" }, out _, out _));
        Assert.Equal(
            CatalogOutcome.Invalid,
            catalog.Catalog.Create("news", new SubscriptionOptions { Name = "b", ForwardTo = "nowhere" }, out _, out _));
        Assert.Equal(
            CatalogOutcome.Invalid,
            catalog.Catalog.Create(
                new TopicOptions { Name = "t", Subscriptions = [new SubscriptionOptions { Name = "b", ForwardTo = "nowhere" }] }, out _,
                out problems));
        Assert.Equal("Subscription 'b': ForwardTo: there is no queue or topic 'nowhere'. Create it first.", Assert.Single(problems));

        // A subscription takes no messages from elsewhere.
        Assert.Equal(
            CatalogOutcome.Invalid,
            catalog.Catalog.Create(new QueueOptions { Name = "x", ForwardTo = "news/Subscriptions/a" }, out _, out _));
    }

    [Fact]
    public void A_target_that_is_deleted_and_comes_back_is_forwarded_to_again()
    {
        using var catalog = new TopicFixture();
        catalog.CreateQueue(new QueueOptions { Name = "out" });
        var source = catalog.CreateQueue(new QueueOptions { Name = "in", ForwardTo = "out" });
        catalog.Catalog.Delete("out");

        source.Send(new TestContent("kept"), catalog.Now);
        Assert.Equal(1, source.Count(catalog.Now).TransferDeadLetter);
        var next = catalog.CreateQueue(new QueueOptions { Name = "out" });
        source.Send(new TestContent("passed"), catalog.Now);

        Assert.Equal("passed", Assert.Single(next.Main.Peek(0, 10, null, catalog.Now)).Body());
    }

    [Fact]
    public void Declared_entities_may_forward_to_each_other_in_any_order_and_to_what_is_there()
    {
        using var catalog = new TopicFixture();
        QueueOptions[] queues =
        [
            new() { Name = "first", ForwardTo = "second" },
            new() { Name = "second", ForwardTo = "TOPIC", ForwardDeadLetteredMessagesTo = "news" },
        ];
        TopicOptions[] topics = [new()
        {
            Name = "topic",
            Subscriptions = [new() { Name = "a", ForwardTo = "second" }, new() { Name = "b", ForwardTo = "nowhere" }],
        }];

        Assert.Equal(
            [new MissingTarget("topic/Subscriptions/b", "ForwardTo", "nowhere")], catalog.Catalog.FindMissingTargets(queues, topics));
        topics = [topics[0] with { Subscriptions = [topics[0].Subscriptions[0]] }];
        Assert.Empty(catalog.Catalog.FindMissingTargets(queues, topics));
        Assert.Empty(catalog.Catalog.Declare(queues, topics));
        Assert.NotNull(catalog.Catalog.Find("topic/Subscriptions/a"));

        // Announced during the declaration only.
        Assert.Equal(CatalogOutcome.Done, catalog.Catalog.Delete("second"));
        Assert.Equal(
            CatalogOutcome.Invalid, catalog.Catalog.Create(new QueueOptions { Name = "third", ForwardTo = "second" }, out _, out _));
    }

    [Fact]
    public async Task A_broker_whose_declaration_forwards_to_nothing_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<BrokerStartException>(
            () => ServiceBusBroker.StartAsync(new BrokerOptions { Queues = [new QueueOptions { Name = "in", ForwardTo = "nowhere" }] }));

        Assert.Equal("'in': ForwardTo: there is no queue or topic 'nowhere'. Declare it, or correct the name.", refused.Message);
    }
}
