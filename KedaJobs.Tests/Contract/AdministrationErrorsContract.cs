using Azure;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Tests.Contract;

/// <summary>What the administration client is told when something is missing, taken or not allowed.</summary>
public sealed class AdministrationErrorsContract : ServiceBusContract
{
    private readonly string _missing = $"missing-{Guid.NewGuid():N}";

    protected override IReadOnlyList<KedaJobs.ServiceBus.SharedAccessRule> MoreRules =>
        [new() { Name = "listener", Key = "listen-key", Rights = KedaJobs.ServiceBus.AccessRights.Listen }];

    /// <summary>A new version of the client can do more than what these tests show: then this one asks for more.</summary>
    [Fact]
    public void Every_operation_of_the_client_is_shown() => Assert.Equal(
        [
            "CreateQueue", "CreateRule", "CreateSubscription", "CreateTopic",
            "DeleteQueue", "DeleteRule", "DeleteSubscription", "DeleteTopic",
            "GetNamespaceProperties",
            "GetQueue", "GetQueueRuntimeProperties", "GetQueues", "GetQueuesRuntimeProperties",
            "GetRule", "GetRules",
            "GetSubscription", "GetSubscriptionRuntimeProperties", "GetSubscriptions", "GetSubscriptionsRuntimeProperties",
            "GetTopic", "GetTopicRuntimeProperties", "GetTopics", "GetTopicsRuntimeProperties",
            "QueueExists", "RuleExists", "SubscriptionExists", "TopicExists",
            "UpdateQueue", "UpdateRule", "UpdateSubscription", "UpdateTopic",
        ],
        typeof(ServiceBusAdministrationClient).GetMethods()
            .Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal))
            .Select(method => method.Name[..^"Async".Length])
            .Distinct()
            .Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_dead_letter_queue_is_not_managed_by_itself()
    {
        var queue = await CreateQueueAsync();
        var topic = await CreateTopicAsync();
        foreach (var operation in (Func<Task>[])
        [
            () => Admin.GetQueueAsync($"{queue}/$DeadLetterQueue"),
            () => Admin.GetQueueRuntimePropertiesAsync($"{queue}/$DeadLetterQueue"),
            () => Admin.GetTopicAsync($"{topic}/$DeadLetterQueue"),
            () => Admin.GetTopicRuntimePropertiesAsync($"{topic}/$DeadLetterQueue"),
        ])
        {
            var refused = await Assert.ThrowsAnyAsync<ArgumentException>(operation);
            Assert.Equal(400, Assert.IsType<RequestFailedException>(refused.InnerException).Status);
        }
    }

    [Fact]
    public async Task What_is_missing_is_not_found()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");

        await AssertMissingAsync(() => Admin.GetQueueAsync(_missing));
        await AssertMissingAsync(() => Admin.GetQueueRuntimePropertiesAsync(_missing));
        await AssertMissingAsync(() => Admin.DeleteQueueAsync(_missing));
        await AssertMissingAsync(() => Admin.GetTopicAsync(_missing));
        await AssertMissingAsync(() => Admin.GetTopicRuntimePropertiesAsync(_missing));
        await AssertMissingAsync(() => Admin.DeleteTopicAsync(_missing));
        await AssertMissingAsync(() => Admin.CreateSubscriptionAsync(_missing, "s"));
        await AssertMissingAsync(() => Admin.GetSubscriptionAsync(topic, "none"));
        await AssertMissingAsync(() => Admin.GetSubscriptionAsync(_missing, "s"));
        await AssertMissingAsync(() => Admin.GetSubscriptionRuntimePropertiesAsync(topic, "none"));
        await AssertMissingAsync(() => Admin.DeleteSubscriptionAsync(topic, "none"));
        await AssertMissingAsync(() => Admin.CreateRuleAsync(topic, "none", new CreateRuleOptions("r")));
        await AssertMissingAsync(() => Admin.GetRuleAsync(topic, "s", "none"));
        await AssertMissingAsync(() => Admin.DeleteRuleAsync(topic, "s", "none"));
        await AssertMissingAsync(() => FirstAsync(Admin.GetSubscriptionsAsync(_missing)));
        await AssertMissingAsync(() => FirstAsync(Admin.GetSubscriptionsRuntimePropertiesAsync(_missing)));
        await AssertMissingAsync(() => FirstAsync(Admin.GetRulesAsync(topic, "none")));

        Assert.False(await Admin.QueueExistsAsync(_missing));
        Assert.False(await Admin.TopicExistsAsync(_missing));
        Assert.False(await Admin.SubscriptionExistsAsync(topic, "none"));
        Assert.False(await Admin.SubscriptionExistsAsync(_missing, "s"));
        Assert.False(await Admin.RuleExistsAsync(topic, "s", "none"));
        Assert.False(await Admin.RuleExistsAsync(topic, "none", "r"));
        Assert.True(await Admin.RuleExistsAsync(topic, "s", "$Default"));
    }

    [Fact]
    public async Task What_was_deleted_cannot_be_changed()
    {
        var (name, topicName) = (await CreateQueueAsync(), await CreateTopicAsync());
        await SubscribeAsync(topicName, "s");
        var queue = (await Admin.GetQueueAsync(name)).Value;
        var topic = (await Admin.GetTopicAsync(topicName)).Value;
        var subscription = (await Admin.GetSubscriptionAsync(topicName, "s")).Value;
        var rule = (await Admin.GetRuleAsync(topicName, "s", "$Default")).Value;

        await Admin.DeleteRuleAsync(topicName, "s", "$Default");
        await AssertMissingAsync(() => Admin.UpdateRuleAsync(topicName, "s", rule));
        await Admin.DeleteSubscriptionAsync(topicName, "s");
        await AssertMissingAsync(() => Admin.UpdateSubscriptionAsync(subscription));
        await Admin.DeleteTopicAsync(topicName);
        await AssertMissingAsync(() => Admin.UpdateTopicAsync(topic));
        await Admin.DeleteQueueAsync(name);
        await AssertMissingAsync(() => Admin.UpdateQueueAsync(queue));
    }

    [Fact]
    public async Task What_is_taken_is_a_conflict()
    {
        var (queue, topic) = (await CreateQueueAsync(), await CreateTopicAsync());
        await SubscribeAsync(topic, "s");

        foreach (var taken in new[] { queue, topic, queue.ToUpperInvariant() })
        {
            await AssertTakenAsync(() => Admin.CreateQueueAsync(taken));
            await AssertTakenAsync(() => Admin.CreateTopicAsync(taken));
        }

        await AssertTakenAsync(() => Admin.CreateSubscriptionAsync(topic, "S"));
        await AssertTakenAsync(() => Admin.CreateRuleAsync(topic, "s", new CreateRuleOptions("$default")));

        async Task AssertTakenAsync(Func<Task> operation)
        {
            var error = await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, operation);
            Assert.Equal(409, Assert.IsType<RequestFailedException>(error.InnerException).Status);
        }
    }

    [Fact]
    public async Task What_cannot_change_is_refused()
    {
        var topicName = await CreateTopicAsync();
        await SubscribeAsync(topicName, "s");
        var topic = (await Admin.GetTopicAsync(topicName)).Value;
        var subscription = (await Admin.GetSubscriptionAsync(topicName, "s")).Value;

        topic.RequiresDuplicateDetection = true;
        subscription.RequiresSession = true;

        await Assert.ThrowsAsync<ArgumentException>(() => Admin.UpdateTopicAsync(topic));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Admin.UpdateSubscriptionAsync(subscription));
        Assert.Contains("RequiresSession", refused.Message, StringComparison.Ordinal);
        Assert.False((await Admin.GetSubscriptionAsync(topicName, "s")).Value.RequiresSession);
    }

    [Fact]
    public async Task The_namespace_tells_about_itself()
    {
        var properties = (await Admin.GetNamespacePropertiesAsync()).Value;

        Assert.Equal(Client.FullyQualifiedNamespace.Split('.')[0], properties.Name, ignoreCase: true);
        Assert.Contains(properties.MessagingSku, new[] { MessagingSku.Standard, MessagingSku.Premium });
        Assert.True(properties.CreatedTime <= Now.AddMinutes(5));
        Assert.True(properties.ModifiedTime >= properties.CreatedTime);
    }

    [EmbeddedFact]
    public async Task A_key_without_Manage_may_ask_for_the_namespace_only()
    {
        var queue = await CreateQueueAsync();
        var endpoint = ConnectionString.Split(';').Single(part => part.StartsWith("Endpoint=", StringComparison.Ordinal));
        var listener = new ServiceBusAdministrationClient(
            $"{endpoint};SharedAccessKeyName=listener;SharedAccessKey=listen-key;UseDevelopmentEmulator=true");

        Assert.Equal("localhost", (await listener.GetNamespacePropertiesAsync()).Value.Name);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => listener.GetQueueAsync(queue));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => listener.CreateQueueAsync(_missing));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => listener.DeleteQueueAsync(queue));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => FirstAsync(listener.GetQueuesAsync()));
    }

    [Fact]
    public async Task Pages_may_be_read_one_by_one()
    {
        var topic = await CreateTopicAsync();
        foreach (var name in Enumerable.Range(0, 105).Select(number => $"s-{number:000}"))
        {
            await Admin.CreateSubscriptionAsync(topic, name);
        }

        var pages = new List<int>();
        var names = new List<string>();
        await foreach (var page in Admin.GetSubscriptionsAsync(topic).AsPages())
        {
            pages.Add(page.Values.Count);
            names.AddRange(page.Values.Select(subscription => subscription.SubscriptionName));
        }

        Assert.Equal([100, 5], pages);
        Assert.Equal(Enumerable.Range(0, 105).Select(number => $"s-{number:000}"), names.Order(StringComparer.Ordinal));
    }

    private static Task AssertMissingAsync(Func<Task> operation) =>
        AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, operation);

    private static async Task FirstAsync<T>(AsyncPageable<T> list)
        where T : notnull
    {
        await foreach (var _ in list)
        {
            return;
        }
    }
}
