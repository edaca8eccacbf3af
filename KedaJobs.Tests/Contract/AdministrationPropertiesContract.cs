using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Tests.Contract;

/// <summary>Every property that the administration client can set, from creation over a change to back again.</summary>
public sealed class AdministrationPropertiesContract : ServiceBusContract
{
    [EmbeddedFact]
    public async Task A_queue_is_created_with_all_its_properties()
    {
        var target = await CreateQueueAsync();
        var options = new CreateQueueOptions($"contract-{Guid.NewGuid():N}")
        {
            AutoDeleteOnIdle = TimeSpan.FromDays(3),
            AuthorizationRules =
                { Rule("sender", AccessRights.Send), Rule("all", AccessRights.Manage, AccessRights.Send, AccessRights.Listen) },
            DeadLetteringOnMessageExpiration = true,
            DefaultMessageTimeToLive = TimeSpan.FromHours(5),
            DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(5),
            EnableBatchedOperations = false,
            EnablePartitioning = true,
            ForwardDeadLetteredMessagesTo = target,
            ForwardTo = target,
            LockDuration = TimeSpan.FromSeconds(30),
            MaxDeliveryCount = int.MaxValue,
            MaxMessageSizeInKilobytes = 2048,
            MaxSizeInMegabytes = 2048,
            RequiresDuplicateDetection = true,
            Status = EntityStatus.SendDisabled,
            UserMetadata = "a <note> & more",
        };

        var created = (await Admin.CreateQueueAsync(options)).Value;
        var queue = (await Admin.GetQueueAsync(options.Name)).Value;

        // The client makes addresses of the targets before it compares.
        Assert.Equal(new CreateQueueOptions(created), new CreateQueueOptions(queue));
        Assert.Equal(Address(target), queue.ForwardTo);
        Assert.Equal(Address(target), queue.ForwardDeadLetteredMessagesTo);
        (options.ForwardTo, options.ForwardDeadLetteredMessagesTo) = (queue.ForwardTo, queue.ForwardDeadLetteredMessagesTo);
        Assert.Equal(options, new CreateQueueOptions(queue));
        Assert.Equal(2048, queue.MaxMessageSizeInKilobytes);
    }

    [EmbeddedFact]
    public async Task A_topic_is_created_with_all_its_properties()
    {
        var options = new CreateTopicOptions($"contract-{Guid.NewGuid():N}")
        {
            AutoDeleteOnIdle = TimeSpan.FromDays(3),
            AuthorizationRules = { Rule("sender", AccessRights.Send) },
            DefaultMessageTimeToLive = TimeSpan.FromHours(5),
            DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(5),
            EnableBatchedOperations = false,
            EnablePartitioning = true,
            MaxMessageSizeInKilobytes = 2048,
            MaxSizeInMegabytes = 2048,
            RequiresDuplicateDetection = true,
            Status = EntityStatus.SendDisabled,
            SupportOrdering = false,
            UserMetadata = "a <note> & more",
        };

        await Admin.CreateTopicAsync(options);
        var topic = (await Admin.GetTopicAsync(options.Name)).Value;

        Assert.Equal(options, new CreateTopicOptions(topic));
        Assert.Equal(2048, topic.MaxMessageSizeInKilobytes);
    }

    [Fact]
    public async Task A_subscription_is_created_with_all_its_properties_and_a_rule()
    {
        var (target, topic) = (await CreateQueueAsync(), await CreateTopicAsync());
        var options = new CreateSubscriptionOptions(topic, "s")
        {
            AutoDeleteOnIdle = TimeSpan.FromDays(3),
            DeadLetteringOnMessageExpiration = true,
            DefaultMessageTimeToLive = TimeSpan.FromHours(5),
            EnableBatchedOperations = false,
            EnableDeadLetteringOnFilterEvaluationExceptions = false,
            ForwardDeadLetteredMessagesTo = target,
            ForwardTo = target,
            LockDuration = TimeSpan.FromSeconds(30),
            MaxDeliveryCount = int.MaxValue,
            Status = EntityStatus.ReceiveDisabled,
            UserMetadata = "a <note> & more",
        };
        var rule =
            new CreateRuleOptions("only", new CorrelationRuleFilter { Subject = "red" }) { Action = new SqlRuleAction("SET seen = 1") };

        await Admin.CreateSubscriptionAsync(options, rule);
        var subscription = (await Admin.GetSubscriptionAsync(topic, "s")).Value;

        (options.ForwardTo, options.ForwardDeadLetteredMessagesTo) = (subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo);
        Assert.EndsWith($"/{target}", subscription.ForwardTo, StringComparison.Ordinal);
        Assert.Equal(options, new CreateSubscriptionOptions(subscription));
        Assert.Equal("a <note> & more", subscription.UserMetadata);
        var only = Assert.Single(await RulesAsync(topic, "s"));
        Assert.Equal(rule, new CreateRuleOptions(only));
    }

    /// <summary>
    /// The size came with the version 2021-05 of the API: clients of an older one compare what they get with what they sent.
    /// </summary>
    [Fact]
    public async Task An_older_version_does_not_know_the_size_of_messages()
    {
        var older = new ServiceBusAdministrationClient(
            ConnectionString, new ServiceBusAdministrationClientOptions(ServiceBusAdministrationClientOptions.ServiceVersion.V2017_04));
        var (queue, topic) = (await CreateQueueAsync(), await CreateTopicAsync());

        var queueProperties = (await older.GetQueueAsync(queue)).Value;
        queueProperties.MaxDeliveryCount = 3;
        var topicProperties = (await older.GetTopicAsync(topic)).Value;
        topicProperties.UserMetadata = "changed";

        Assert.Null(queueProperties.MaxMessageSizeInKilobytes);
        Assert.Null(topicProperties.MaxMessageSizeInKilobytes);
        Assert.Equal(queueProperties, (await older.UpdateQueueAsync(queueProperties)).Value);
        Assert.Equal(topicProperties, (await older.UpdateTopicAsync(topicProperties)).Value);
        Assert.Equal(256, (await Admin.GetQueueAsync(queue)).Value.MaxMessageSizeInKilobytes);
        Assert.Equal(256, (await Admin.GetTopicAsync(topic)).Value.MaxMessageSizeInKilobytes);
    }

    [Fact]
    public async Task What_a_queue_was_given_can_be_taken_back()
    {
        var target = await CreateQueueAsync();
        var name = await CreateQueueAsync(options =>
        {
            options.AutoDeleteOnIdle = TimeSpan.FromDays(3);
            options.DefaultMessageTimeToLive = TimeSpan.FromHours(5);
            options.ForwardTo = target;
            options.ForwardDeadLetteredMessagesTo = target;
            options.UserMetadata = "note";
        });

        // Sent back as it came, nothing changes; also the addresses of the targets stay what they are.
        var queue = (await Admin.UpdateQueueAsync((await Admin.GetQueueAsync(name)).Value)).Value;
        Assert.Equal((TimeSpan.FromHours(5), "note"), (queue.DefaultMessageTimeToLive, queue.UserMetadata));
        Assert.EndsWith($"/{target}", queue.ForwardTo, StringComparison.Ordinal);

        queue.AutoDeleteOnIdle = queue.DefaultMessageTimeToLive = TimeSpan.MaxValue;
        queue.ForwardTo = queue.ForwardDeadLetteredMessagesTo = null;
        await Admin.UpdateQueueAsync(queue);

        queue = (await Admin.GetQueueAsync(name)).Value;
        Assert.Equal((TimeSpan.MaxValue, TimeSpan.MaxValue), (queue.AutoDeleteOnIdle, queue.DefaultMessageTimeToLive));
        Assert.Equal((null, null), (queue.ForwardTo, queue.ForwardDeadLetteredMessagesTo));
        await SendAsync(name, "stays");
        Assert.Equal("stays", (await ReceiveAsync(Receiver(name))).Body.ToString());
    }

    [Fact]
    public async Task What_a_subscription_or_topic_was_given_can_be_taken_back()
    {
        var target = await CreateQueueAsync();
        var name = await CreateTopicAsync(options => options.DefaultMessageTimeToLive = TimeSpan.FromHours(5));
        await SubscribeAsync(name, "s", options =>
        {
            options.DefaultMessageTimeToLive = TimeSpan.FromHours(5);
            options.ForwardTo = target;
        });

        var topic = (await Admin.GetTopicAsync(name)).Value;
        topic.DefaultMessageTimeToLive = TimeSpan.MaxValue;
        await Admin.UpdateTopicAsync(topic);
        var subscription = (await Admin.GetSubscriptionAsync(name, "s")).Value;
        subscription.DefaultMessageTimeToLive = TimeSpan.MaxValue;
        subscription.ForwardTo = null;
        await Admin.UpdateSubscriptionAsync(subscription);

        Assert.Equal(TimeSpan.MaxValue, (await Admin.GetTopicAsync(name)).Value.DefaultMessageTimeToLive);
        subscription = (await Admin.GetSubscriptionAsync(name, "s")).Value;
        Assert.Equal((TimeSpan.MaxValue, null), (subscription.DefaultMessageTimeToLive, subscription.ForwardTo));
        await SendAsync(name, "stays");
        Assert.Equal("stays", (await ReceiveAsync(Receiver(name, "s"))).Body.ToString());
    }

    [Fact]
    public async Task An_action_can_be_taken_back()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        var rule =
            (await Admin.CreateRuleAsync(topic, "s", new CreateRuleOptions("r") { Action = new SqlRuleAction("SET seen = 1") })).Value;

        rule.Action = null;
        await Admin.UpdateRuleAsync(topic, "s", rule);

        Assert.Null((await Admin.GetRuleAsync(topic, "s", "r")).Value.Action);
    }

    [Fact]
    public async Task Values_of_a_rule_keep_their_types()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        var when = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var sql = new SqlRuleFilter("a = @text AND b = @int AND c = @long AND d = @flag AND e = @real AND f = @when")
        {
            Parameters = { ["@text"] = "x", ["@int"] = 5, ["@long"] = 5_000_000_000L, ["@flag"] = true, ["@real"] = 2.5, ["@when"] = when },
        };
        var correlation = new CorrelationRuleFilter
        {
            ApplicationProperties =
                { ["text"] = "x", ["int"] = 5, ["long"] = 5_000_000_000L, ["flag"] = true, ["real"] = 2.5, ["when"] = when },
        };
        var action = new SqlRuleAction("SET a = @b") { Parameters = { ["@b"] = 5 } };

        foreach (var (name, filter) in new (string, RuleFilter)[]
        {
            ("sql", sql), ("correlation", correlation), ("true", new TrueRuleFilter()), ("false", new FalseRuleFilter())
        })
        {
            var options = new CreateRuleOptions(name, filter) { Action = action };
            await Admin.CreateRuleAsync(topic, "s", options);
            Assert.Equal(options, new CreateRuleOptions((await Admin.GetRuleAsync(topic, "s", name)).Value));
        }

        Assert.Equal(
            ["$Default", "correlation", "false", "sql", "true"],
            (await RulesAsync(topic, "s")).Select(rule => rule.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_queues_own_key_allows_what_its_rule_says()
    {
        var sender = Rule("sender", AccessRights.Send);
        var queue = await CreateQueueAsync(options => options.AuthorizationRules.Add(sender));
        var endpoint = ConnectionString.Split(';').Single(part => part.StartsWith("Endpoint=", StringComparison.Ordinal));
        var emulator = ConnectionString.Contains("UseDevelopmentEmulator=true", StringComparison.OrdinalIgnoreCase)
            ? ";UseDevelopmentEmulator=true"
            : "";
        var client = NewClient($"{endpoint};SharedAccessKeyName=sender;SharedAccessKey={sender.PrimaryKey};EntityPath={queue}{emulator}");

        await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("x"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => client.CreateReceiver(queue).ReceiveMessageAsync(Soon));

        // A change that does not touch the rules keeps them.
        var properties = (await Admin.GetQueueAsync(queue)).Value;
        properties.MaxDeliveryCount = 3;
        properties = (await Admin.UpdateQueueAsync(properties)).Value;
        Assert.Equal(sender, Assert.Single(properties.AuthorizationRules));
        await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("y"));
    }

    [Fact]
    public async Task A_target_that_does_not_exist_is_refused()
    {
        var (topic, queue) = (await CreateTopicAsync(), await CreateQueueAsync());
        await SubscribeAsync(topic, "s");
        var missing = $"missing-{Guid.NewGuid():N}";

        await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateQueueAsync(new CreateQueueOptions(missing + "2") { ForwardTo = missing }));
        await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateQueueAsync(new CreateQueueOptions(missing + "2") { ForwardDeadLetteredMessagesTo = missing }));
        await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateSubscriptionAsync(new CreateSubscriptionOptions(topic, "t") { ForwardTo = missing }));
        var properties = (await Admin.GetQueueAsync(queue)).Value;
        properties.ForwardTo = missing;
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Admin.UpdateQueueAsync(properties));
        Assert.Contains(missing, refused.Message, StringComparison.Ordinal);
        var subscription = (await Admin.GetSubscriptionAsync(topic, "s")).Value;
        subscription.ForwardTo = missing;
        await Assert.ThrowsAsync<ArgumentException>(() => Admin.UpdateSubscriptionAsync(subscription));

        Assert.False(await Admin.QueueExistsAsync(missing + "2"));
        Assert.Null((await Admin.GetQueueAsync(queue)).Value.ForwardTo);
    }

    [EmbeddedFact]
    public async Task A_target_in_another_namespace_is_refused()
    {
        var target = await CreateQueueAsync();
        var foreign =
            new CreateQueueOptions($"contract-{Guid.NewGuid():N}") { ForwardTo = $"sb://elsewhere.servicebus.windows.net/{target}" };

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Admin.CreateQueueAsync(foreign));

        Assert.Contains("not in this namespace", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What the client sends, which is what Service Bus gives back: some programs compare.</summary>
    private string Address(string queue) => $"http://{Client.FullyQualifiedNamespace}/{queue}";

    private static SharedAccessAuthorizationRule Rule(string name, params AccessRights[] rights) => new(name, rights);

    private async Task<List<RuleProperties>> RulesAsync(string topic, string subscription)
    {
        var rules = new List<RuleProperties>();
        await foreach (var rule in Admin.GetRulesAsync(topic, subscription))
        {
            rules.Add(rule);
        }

        return rules;
    }
}
