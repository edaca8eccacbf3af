using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Tests.Contract;

public sealed class RuleContract : ServiceBusContract
{
    [Fact]
    public async Task A_subscription_begins_with_a_rule_for_everything()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");

        var rule = Assert.Single(await RulesAsync(topic, "s"));

        Assert.Equal(RuleProperties.DefaultRuleName, rule.Name);
        Assert.Equal("1=1", Assert.IsAssignableFrom<SqlRuleFilter>(rule.Filter).SqlExpression);
    }

    [Fact]
    public async Task A_sql_filter_selects_by_properties()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "red", rule: new CreateRuleOptions("reds", new SqlRuleFilter("color = 'red' AND quantity >= @least")
        {
            Parameters = { ["@least"] = 10 },
        }));
        await SubscribeAsync(
            topic, "system", rule: new CreateRuleOptions("bus", new SqlRuleFilter("sys.Label LIKE '%bus%' OR sys.ReplyTo IS NOT NULL")));
        var sender = Sender(topic);
        await sender.SendMessageAsync(Order("small", "red", 9));
        await sender.SendMessageAsync(Order("right", "red", 10));
        await sender.SendMessageAsync(Order("blue", "blue", 10));
        await sender.SendMessageAsync(new ServiceBusMessage("labelled") { Subject = "a bus" });
        await sender.SendMessageAsync(new ServiceBusMessage("answer") { ReplyTo = "me" });

        Assert.Equal(["right"], await BodiesAsync(topic, "red"));
        Assert.Equal(["labelled", "answer"], await BodiesAsync(topic, "system"));
    }

    [Fact]
    public async Task A_rule_manager_shows_a_correlation_filter_without_application_properties()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s", rule: new CreateRuleOptions("reds", new CorrelationRuleFilter { Subject = "red" }));
        await using var manager = Client.CreateRuleManager(topic, "s");

        var rules = new List<RuleProperties>();
        await foreach (var rule in manager.GetRulesAsync())
        {
            rules.Add(rule);
        }

        var filter = Assert.IsType<CorrelationRuleFilter>(Assert.Single(rules).Filter);
        Assert.Equal("red", filter.Subject);
        Assert.Empty(filter.ApplicationProperties);
    }

    [Fact]
    public async Task A_correlation_filter_selects_by_equal_properties()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s", rule: new CreateRuleOptions("r", new CorrelationRuleFilter("high")
        {
            Subject = "order",
            ApplicationProperties = { ["color"] = "red", ["quantity"] = 10 },
        }));
        var sender = Sender(topic);
        await sender.SendMessageAsync(Order("not high", "red", 10));
        foreach (var color in (string[])["red", "Red"])
        {
            var message = Order(color, color, 10);
            message.CorrelationId = "high";
            message.Subject = "order";
            await sender.SendMessageAsync(message);
        }

        Assert.Equal(["red"], await BodiesAsync(topic, "s"));
    }

    [Fact]
    public async Task An_action_changes_its_rules_copy_only()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await Admin.CreateRuleAsync(topic, "s", new CreateRuleOptions("halve", new SqlRuleFilter("user.color='red'"))
        {
            Action = new SqlRuleAction("SET quantity = quantity / 2; REMOVE priority; SET sys.CorrelationId = 'low';"),
        });
        var message = Order("x", "red", 10);
        message.ApplicationProperties["priority"] = "high";
        message.CorrelationId = "high";

        await Sender(topic).SendMessageAsync(message);

        var copies = await ReceiveAsync(Receiver(topic, "s"), 2);
        var changed = Assert.Single(copies, copy => copy.ApplicationProperties.ContainsKey("RuleName"));
        var plain = Assert.Single(copies, copy => copy != changed);
        Assert.Equal(
            (10, "high", "high"),
            ((int)plain.ApplicationProperties["quantity"], plain.ApplicationProperties["priority"], plain.CorrelationId));
        Assert.Equal("halve", changed.ApplicationProperties["RuleName"]);
        Assert.Equal((5, "low", "x"), ((int)changed.ApplicationProperties["quantity"], changed.CorrelationId, changed.Body.ToString()));
        Assert.False(changed.ApplicationProperties.ContainsKey("priority"));
        Assert.Equal(plain.MessageId, changed.MessageId);
    }

    [Fact]
    public async Task A_filter_that_fails_dead_letters_the_message()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s", rule: new CreateRuleOptions("r", new SqlRuleFilter("sys.NoSuchProperty = 1")));

        await SendAsync(topic, "x");

        var dead = await ReceiveAsync(
            Owned(Client.CreateReceiver(topic, "s", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter })));
        Assert.Equal("x", dead.Body.ToString());
        Assert.NotEmpty(dead.DeadLetterReason);
    }

    [Fact]
    public async Task Rules_are_managed_over_http()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        var created = (await Admin.CreateRuleAsync(topic, "s", new CreateRuleOptions("r", new CorrelationRuleFilter("c")
        {
            To = "there",
            ApplicationProperties = { ["text"] = "t", ["number"] = 5L, ["real"] = 2.5, ["flag"] = true },
        }))).Value;
        Assert.Equal("r", created.Name);

        var rule = (await Admin.GetRuleAsync(topic, "s", "r")).Value;
        var filter = Assert.IsType<CorrelationRuleFilter>(rule.Filter);
        Assert.Equal(("c", "there", null), (filter.CorrelationId, filter.To, filter.Subject));
        Assert.Equal(
            ("t", 5L, 2.5, true), (
                filter.ApplicationProperties["text"],
                filter.ApplicationProperties["number"],
                filter.ApplicationProperties["real"],
                filter.ApplicationProperties["flag"]));
        Assert.Equal(["$Default", "r"], (await RulesAsync(topic, "s")).Select(one => one.Name).Order(StringComparer.Ordinal));

        rule.Filter = new SqlRuleFilter("a = @b") { Parameters = { ["@b"] = "c" } };
        rule.Action = new SqlRuleAction("SET a = 1");
        await Admin.UpdateRuleAsync(topic, "s", rule);
        var changed = (await Admin.GetRuleAsync(topic, "s", "r")).Value;
        var sql = Assert.IsType<SqlRuleFilter>(changed.Filter);
        Assert.Equal(
            ("a = @b", "c", "SET a = 1"),
            (sql.SqlExpression, sql.Parameters["@b"], Assert.IsType<SqlRuleAction>(changed.Action).SqlExpression));

        await Admin.DeleteRuleAsync(topic, "s", "$Default");
        Assert.False(await Admin.RuleExistsAsync(topic, "s", "$Default"));
        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateRuleAsync(topic, "s", new CreateRuleOptions("r")));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetRuleAsync(topic, "s", "none"));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.DeleteRuleAsync(topic, "s", "none"));
        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.CreateRuleAsync(topic, "none", new CreateRuleOptions("r")));
    }

    [Fact]
    public async Task Rules_are_managed_over_the_subscriptions_own_link()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await using var rules = Client.CreateRuleManager(topic, "s");
        await rules.DeleteRuleAsync(RuleProperties.DefaultRuleName);
        await rules.CreateRuleAsync("blue", new SqlRuleFilter("color = 'blue'"));
        await rules.CreateRuleAsync(new CreateRuleOptions(
            "red", new CorrelationRuleFilter { ApplicationProperties = { ["color"] = "red" } })
        {
            Action = new SqlRuleAction("SET marked = TRUE"),
        });

        var listed = new List<RuleProperties>();
        await foreach (var rule in rules.GetRulesAsync())
        {
            listed.Add(rule);
        }

        Assert.Equal(["blue", "red"], listed.Select(rule => rule.Name).Order(StringComparer.Ordinal));
        Assert.Equal("color = 'blue'", Assert.IsType<SqlRuleFilter>(listed.Single(rule => rule.Name == "blue").Filter).SqlExpression);
        var red = listed.Single(rule => rule.Name == "red");
        Assert.Equal("red", Assert.IsType<CorrelationRuleFilter>(red.Filter).ApplicationProperties["color"]);
        Assert.Equal("SET marked = TRUE", Assert.IsType<SqlRuleAction>(red.Action).SqlExpression);

        await Sender(topic).SendMessageAsync(Order("b", "blue", 1));
        await Sender(topic).SendMessageAsync(Order("g", "green", 1));
        await Sender(topic).SendMessageAsync(Order("r", "red", 1));
        Assert.Equal(["b", "r"], await BodiesAsync(topic, "s"));

        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityAlreadyExists, () => rules.CreateRuleAsync("blue", new TrueRuleFilter()));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => rules.DeleteRuleAsync("none"));
    }

    [Fact]
    public async Task A_rule_that_does_not_parse_is_refused()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await using var rules = Client.CreateRuleManager(topic, "s");

        await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateRuleAsync(topic, "s", new CreateRuleOptions("r", new SqlRuleFilter("color = "))));
        await Assert.ThrowsAnyAsync<Exception>(() => rules.CreateRuleAsync("r", new SqlRuleFilter("color = ")));
        Assert.Single(await RulesAsync(topic, "s"));
    }

    [EmbeddedFact]
    public async Task The_refusal_names_the_position()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await using var rules = Client.CreateRuleManager(topic, "s");

        var overHttp = await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateRuleAsync(topic, "s", new CreateRuleOptions("r", new SqlRuleFilter("color = "))));
        var overAmqp = await Assert.ThrowsAsync<ArgumentException>(() => rules.CreateRuleAsync("r", new SqlRuleFilter("color = ")));

        Assert.Contains("at position 9", overHttp.Message, StringComparison.Ordinal);
        Assert.Contains("at position 9", overAmqp.Message, StringComparison.Ordinal);
    }

    private static ServiceBusMessage Order(string body, string color, int quantity) =>
        new(body) { ApplicationProperties = { ["color"] = color, ["quantity"] = quantity } };

    private async Task<List<RuleProperties>> RulesAsync(string topic, string subscription)
    {
        var rules = new List<RuleProperties>();
        await foreach (var rule in Admin.GetRulesAsync(topic, subscription))
        {
            rules.Add(rule);
        }

        return rules;
    }

    /// <summary>What the subscription has, in order; all of it has arrived when the sender was told so.</summary>
    private async Task<List<string>> BodiesAsync(string topic, string subscription)
    {
        var receiver = Receiver(topic, subscription);
        var bodies = new List<string>();
        while (await receiver.ReceiveMessageAsync(bodies.Count == 0 ? Soon : Quiet) is { } message)
        {
            bodies.Add(message.Body.ToString());
        }

        return bodies;
    }
}
