using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Tests.Contract;

public sealed class TopicAdministrationContract : ServiceBusContract
{
    [Fact]
    public async Task A_topic_and_a_subscription_have_the_defaults()
    {
        var name = await CreateTopicAsync();
        await SubscribeAsync(name, "s");

        var topic = (await Admin.GetTopicAsync(name)).Value;
        Assert.Equal((TimeSpan.MaxValue, TimeSpan.MaxValue), (topic.DefaultMessageTimeToLive, topic.AutoDeleteOnIdle));
        Assert.Equal((1024L, EntityStatus.Active), (topic.MaxSizeInMegabytes, topic.Status));
        Assert.False(topic.RequiresDuplicateDetection);
        Assert.True(topic.EnableBatchedOperations);

        var subscription = (await Admin.GetSubscriptionAsync(name, "s")).Value;
        Assert.Equal((name, "s"), (subscription.TopicName, subscription.SubscriptionName));
        Assert.Equal((TimeSpan.FromMinutes(1), 10), (subscription.LockDuration, subscription.MaxDeliveryCount));
        Assert.Equal((TimeSpan.MaxValue, TimeSpan.MaxValue), (subscription.DefaultMessageTimeToLive, subscription.AutoDeleteOnIdle));
        Assert.False(subscription.RequiresSession);
        Assert.False(subscription.DeadLetteringOnMessageExpiration);
        Assert.True(subscription.EnableDeadLetteringOnFilterEvaluationExceptions);
        Assert.Null(subscription.ForwardTo);
    }

    [Fact]
    public async Task They_have_what_they_were_created_with_and_can_be_changed()
    {
        var target = await CreateQueueAsync();
        var name = await CreateTopicAsync(options =>
        {
            options.DefaultMessageTimeToLive = TimeSpan.FromHours(5);
            options.RequiresDuplicateDetection = true;
            options.DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(5);
            options.UserMetadata = "a <note> & more";
        });
        await SubscribeAsync(name, "s", options =>
        {
            options.LockDuration = TimeSpan.FromSeconds(30);
            options.MaxDeliveryCount = 3;
            options.RequiresSession = true;
            options.DeadLetteringOnMessageExpiration = true;
            options.EnableDeadLetteringOnFilterEvaluationExceptions = false;
            options.ForwardDeadLetteredMessagesTo = target;
        });

        var topic = (await Admin.GetTopicAsync(name)).Value;
        Assert.Equal(
            (TimeSpan.FromHours(5), TimeSpan.FromMinutes(5)), (topic.DefaultMessageTimeToLive, topic.DuplicateDetectionHistoryTimeWindow));
        Assert.True(topic.RequiresDuplicateDetection);
        Assert.Equal("a <note> & more", topic.UserMetadata);
        var subscription = (await Admin.GetSubscriptionAsync(name, "s")).Value;
        Assert.Equal((TimeSpan.FromSeconds(30), 3), (subscription.LockDuration, subscription.MaxDeliveryCount));
        Assert.True(subscription.RequiresSession && subscription.DeadLetteringOnMessageExpiration);
        Assert.False(subscription.EnableDeadLetteringOnFilterEvaluationExceptions);
        Assert.EndsWith(target, subscription.ForwardDeadLetteredMessagesTo, StringComparison.Ordinal);

        topic.DefaultMessageTimeToLive = TimeSpan.FromHours(1);
        await Admin.UpdateTopicAsync(topic);
        subscription.MaxDeliveryCount = 7;
        await Admin.UpdateSubscriptionAsync(subscription);
        Assert.Equal(TimeSpan.FromHours(1), (await Admin.GetTopicAsync(name)).Value.DefaultMessageTimeToLive);
        Assert.Equal(7, (await Admin.GetSubscriptionAsync(name, "s")).Value.MaxDeliveryCount);

        topic.RequiresDuplicateDetection = false;
        await Assert.ThrowsAnyAsync<Exception>(() => Admin.UpdateTopicAsync(topic));
        subscription.RequiresSession = false;
        await Assert.ThrowsAnyAsync<Exception>(() => Admin.UpdateSubscriptionAsync(subscription));
    }

    [Fact]
    public async Task Runtime_properties_count()
    {
        var name = await CreateTopicAsync();
        await SubscribeAsync(name, "one");
        await SubscribeAsync(name, "two");
        await SendAsync(name, "x");
        var receiver = Receiver(name, "one");
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver));
        await Sender(name).ScheduleMessageAsync(new ServiceBusMessage("later"), Now.AddHours(1));

        var topic = (await Admin.GetTopicRuntimePropertiesAsync(name)).Value;
        Assert.Equal((name, 2, 1L), (topic.Name, topic.SubscriptionCount, topic.ScheduledMessageCount));
        Assert.True(topic.SizeInBytes > 0);
        Assert.True(topic.AccessedAt >= topic.CreatedAt);
        var one = await CountsAsync(name, "one");
        Assert.Equal((0L, 1L, 1L), (one.ActiveMessageCount, one.DeadLetterMessageCount, one.TotalMessageCount));
        Assert.Equal(
            (1L, 0L), ((await CountsAsync(name, "two")).ActiveMessageCount, (await CountsAsync(name, "two")).DeadLetterMessageCount));
    }

    [Fact]
    public async Task A_new_subscription_is_a_use_of_its_topic()
    {
        var topic = await CreateTopicAsync();
        await PassAsync(TimeSpan.FromSeconds(1));
        var properties = (await Admin.GetTopicAsync(topic)).Value;
        properties.UserMetadata = "changed";
        await Admin.UpdateTopicAsync(properties);
        await PassAsync(TimeSpan.FromSeconds(1));
        await SubscribeAsync(topic, "s");

        var runtime = (await Admin.GetTopicRuntimePropertiesAsync(topic)).Value;
        Assert.True(runtime.CreatedAt < runtime.UpdatedAt);
        Assert.True(runtime.UpdatedAt < runtime.AccessedAt, $"Updated at {runtime.UpdatedAt:O}, accessed at {runtime.AccessedAt:O}.");
    }

    [Fact]
    public async Task Topics_and_subscriptions_are_listed()
    {
        var name = await CreateTopicAsync();
        await SubscribeAsync(name, "b");
        await SubscribeAsync(name, "a");
        var queue = await CreateQueueAsync();

        var topics = new List<string>();
        await foreach (var topic in Admin.GetTopicsAsync())
        {
            topics.Add(topic.Name);
        }

        var queues = new List<string>();
        await foreach (var listed in Admin.GetQueuesAsync())
        {
            queues.Add(listed.Name);
        }

        var subscriptions = new List<string>();
        await foreach (var subscription in Admin.GetSubscriptionsRuntimePropertiesAsync(name))
        {
            Assert.Equal(name, subscription.TopicName);
            subscriptions.Add(subscription.SubscriptionName);
        }

        Assert.Contains(name, topics);
        Assert.DoesNotContain(queue, topics);
        Assert.Contains(queue, queues);
        Assert.DoesNotContain(queues, listed => listed.StartsWith(name, StringComparison.Ordinal));
        Assert.Equal(["a", "b"], subscriptions.Order(StringComparer.Ordinal));
    }

    [EmbeddedFact]
    public async Task A_long_list_comes_in_pages()
    {
        var names = Enumerable.Range(0, 130).Select(i => $"topic-{i:000}").ToList();
        foreach (var name in names)
        {
            await Admin.CreateTopicAsync(name);
        }

        var listed = new List<string>();
        await foreach (var topic in Admin.GetTopicsRuntimePropertiesAsync())
        {
            listed.Add(topic.Name);
        }

        Assert.Equal(names, listed);
    }

    [Fact]
    public async Task What_is_taken_or_missing_is_said()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        var queue = await CreateQueueAsync();
        var missing = $"missing-{Guid.NewGuid():N}";

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateTopicAsync(topic));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateTopicAsync(queue));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateQueueAsync(topic));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateSubscriptionAsync(topic, "s"));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetTopicAsync(missing));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetQueueAsync(topic));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetSubscriptionAsync(topic, "none"));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.CreateSubscriptionAsync(missing, "s"));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.DeleteTopicAsync(missing));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.DeleteSubscriptionAsync(topic, "none"));
        await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateSubscriptionAsync(new CreateSubscriptionOptions(topic, "bad") { LockDuration = TimeSpan.FromMinutes(6) }));
        Assert.False(await Admin.SubscriptionExistsAsync(topic, "bad"));
        Assert.True(await Admin.TopicExistsAsync(topic));
    }

    [Fact]
    public async Task A_deleted_topic_is_gone_with_its_subscriptions()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");

        await Admin.DeleteTopicAsync(topic);

        Assert.False(await Admin.TopicExistsAsync(topic));
        Assert.False(await Admin.SubscriptionExistsAsync(topic, "s"));
        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Sender(topic).SendMessageAsync(new ServiceBusMessage("x")));
    }

    [Fact]
    public async Task Names_ignore_case()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "Sub");

        await SendAsync(topic.ToUpperInvariant(), "x");

        Assert.Equal("x", (await ReceiveAsync(Receiver(topic.ToUpperInvariant(), "sUB"))).Body.ToString());
        Assert.True(await Admin.SubscriptionExistsAsync(topic, "SUB"));
    }

    [Fact]
    public async Task A_topic_is_shown_in_lower_case_and_a_subscription_as_it_was_created()
    {
        var name = await CreateTopicAsync(options => options.Name = $"Contract.Orders-{Guid.NewGuid():N}");
        await SubscribeAsync(name, "Sub");
        var shown = name.ToLowerInvariant();

        var topic = (await Admin.GetTopicAsync(name)).Value;

        Assert.Equal(shown, topic.Name);
        Assert.Equal(shown, (await Admin.UpdateTopicAsync(topic)).Value.Name);
        Assert.Equal(shown, (await Admin.GetTopicRuntimePropertiesAsync(name)).Value.Name);
        Assert.Contains(shown, await Admin.GetTopicsAsync().Select(listed => listed.Name).ToListAsync());
        Assert.Equal("Sub", (await Admin.GetSubscriptionAsync(name, "Sub")).Value.SubscriptionName);
    }
}
