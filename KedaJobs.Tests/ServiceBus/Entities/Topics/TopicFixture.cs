using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics;

/// <summary>A topic in a catalog of its own, with a clock that moves by hand.</summary>
internal sealed class TopicFixture : IDisposable
{
    public TopicFixture(
        Func<TopicOptions, TopicOptions>? configure = null, Func<IJournal>? newJournal = null, params SubscriptionOptions[] subscriptions)
    {
        Catalog = new EntityCatalog(newJournal ?? (() => NoJournal.Instance), Time);
        var options = new TopicOptions { Name = "news", Subscriptions = subscriptions };
        Assert.Equal(CatalogOutcome.Done, Catalog.Create(configure?.Invoke(options) ?? options, out var topic, out _));
        Topic = topic!;
    }

    /// <summary>With a second topic, and queues, that forward to each other.</summary>
    public TopicFixture(SubscriptionOptions[] subscriptions, SubscriptionOptions[] others, params QueueOptions[] queues)
    {
        Catalog = new EntityCatalog(() => NoJournal.Instance, Time);
        TopicOptions[] topics = [new() { Name = "news", Subscriptions = subscriptions }, new() { Name = "other", Subscriptions = others }];
        Assert.Empty(Catalog.FindMissingTargets(queues, topics));
        Assert.Empty(Catalog.Declare(queues, topics));
        Topic = Catalog.FindTopic("news")!;
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public EntityCatalog Catalog { get; }

    public TopicEntity Topic { get; }

    public DateTime Now => Time.UtcNow();

    public static SubscriptionOptions Sql(string name, string expression, string? action = null) => new()
    {
        Name = name,
        Rules = [new RuleOptions { Filter = new SqlFilter(expression), Action = action is null ? null : new SqlAction(action) }],
    };

    public QueueEntity Queue(string subscription) => Topic.Find(subscription)!.Queue;

    public SendOutcome Send(params TestContent[] contents) => Topic.Intake.Send([.. contents], [], Now);

    public SendOutcome Send(string body) => Send(new TestContent(body));

    public string[] Bodies(string subscription) => [.. Peek(subscription).Select(message => message.Body())];

    public IReadOnlyList<MessageSnapshot> Peek(string subscription) => Queue(subscription).Main.Peek(0, 1000, null, Now);

    public IReadOnlyList<MessageSnapshot> DeadLetters(string subscription) => Queue(subscription).DeadLetter.Peek(0, 1000, null, Now);

    public TestConsumer Receive(string subscription, int credit = 10)
    {
        var consumer = new TestConsumer();
        Assert.Equal(AttachOutcome.Attached, Queue(subscription).Main.Attach(consumer, Now));
        consumer.Allow(credit, Now);
        return consumer;
    }

    public QueueEntity CreateQueue(QueueOptions options)
    {
        Assert.Equal(CatalogOutcome.Done, Catalog.Create(options, out var queue, out _));
        return queue!;
    }

    public void Dispose() => Catalog.Dispose();
}
