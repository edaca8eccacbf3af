using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Host;

namespace KedaJobs.Tests.ServiceBus.Host;

public sealed class EmulatorConfigurationTests
{
    [Fact]
    public void Topics_subscriptions_and_rules_are_those_of_the_file()
    {
        var topic = Assert.Single(EmulatorConfiguration.Parse("""
            { "UserConfig": { "Namespaces": [ { "Name": "sbemulatorns", "Queues": [ { "Name": "queue.1" } ], "Topics": [ {
                "Name": "topic.1",
                "Properties": { "DefaultMessageTimeToLive": "PT1H", "DuplicateDetectionHistoryTimeWindow": "PT20S", "RequiresDuplicateDetection": true },
                "Subscriptions": [
                  {
                    "Name": "subscription.1",
                    "Properties": { "DeadLetteringOnMessageExpiration": true, "LockDuration": "PT30S", "MaxDeliveryCount": 3, "ForwardTo": "", "ForwardDeadLetteredMessagesTo": "queue.1", "RequiresSession": false },
                    "Rules": [
                      { "Name": "correlation", "Properties": { "FilterType": "Correlation", "CorrelationFilter": {
                          "ContentType": "application/text", "CorrelationId": "id1", "Label": "subject1", "MessageId": "msgid1", "ReplyTo": "someQueue",
                          "ReplyToSessionId": "sessionId", "SessionId": "session1", "To": "xyz", "Properties": { "text": "t", "number": 5, "real": 2.5, "flag": true } } } },
                      { "Name": "sql", "Properties": { "FilterType": "Sql", "SqlFilter": { "SqlExpression": "sys.MessageId = '123456'" }, "Action": { "SqlExpression": "SET sys.To = 'Entity'" } } }
                    ]
                  },
                  { "Name": "subscription.2" }
                ]
            } ] } ] } }
            """, "Config.json").Topics);

        Assert.Equal(
            ("topic.1", TimeSpan.FromHours(1), TimeSpan.FromSeconds(20), true),
            (topic.Name, topic.DefaultMessageTimeToLive, topic.DuplicateDetectionHistoryTimeWindow, topic.RequiresDuplicateDetection));
        var subscription = topic.Subscriptions[0];
        Assert.Equal(
            ("subscription.1", true, TimeSpan.FromSeconds(30), 3, null, "queue.1"),
            (
                subscription.Name,
                subscription.DeadLetteringOnMessageExpiration,
                subscription.LockDuration,
                subscription.MaxDeliveryCount,
                subscription.ForwardTo,
                subscription.ForwardDeadLetteredMessagesTo));
        var correlation = Assert.IsType<CorrelationFilter>(subscription.Rules[0].Filter);
        Assert.Equal(
            new CorrelationFilter
            {
                ContentType = "application/text",
                CorrelationId = "id1",
                Subject = "subject1",
                MessageId = "msgid1",
                ReplyTo = "someQueue",
                ReplyToSessionId = "sessionId",
                SessionId = "session1",
                To = "xyz",
                Properties = correlation.Properties,
            },
            correlation);
        Assert.Equal(
            new Dictionary<string, object> { ["text"] = "t", ["number"] = 5L, ["real"] = 2.5, ["flag"] = true }, correlation.Properties);
        Assert.Equal("sys.MessageId = '123456'", Assert.IsType<SqlFilter>(subscription.Rules[1].Filter).Expression);
        Assert.Equal("SET sys.To = 'Entity'", subscription.Rules[1].Action?.Expression);
        Assert.Equal([new RuleOptions()], topic.Subscriptions[1].Rules);
        Assert.Empty(TopicOptionsValidator.Validate(topic));
    }

    [Fact]
    public void A_queue_has_what_the_file_says()
    {
        var queue = Assert.Single(EmulatorConfiguration.Parse("""
            {
              // Comments and trailing commas are the emulator's own.
              "$schema": "https://example.com/schema.json",
              "UserConfig": { "Namespaces": [ { "Name": "sbemulatorns", "Queues": [ { "Name": "Fault--X--", "Properties": {
                "DeadLetteringOnMessageExpiration": true, "DefaultMessageTimeToLive": "PT1H", "DuplicateDetectionHistoryTimeWindow": "PT5S",
                "ForwardDeadLetteredMessagesTo": "", "ForwardTo": "", "LockDuration": "PT1S", "MaxDeliveryCount": 2147483647,
                "RequiresDuplicateDetection": true, "RequiresSession": true,
                "AutoDeleteOnIdle": "P1D", "EnableBatchedOperations": false, "MaxMessageSizeInKilobytes": 1024, "MaxSizeInMegabytes": 2048,
                "Status": "ReceiveDisabled", "UserMetadata": "note", } } ], "Topics": [] } ], "Logging": { "Type": "File,Console" } }
            }
            """, "Config.json").Queues);

        Assert.Equal(
            new QueueOptions
            {
                Name = "Fault--X--",
                DeadLetteringOnMessageExpiration = true,
                DefaultMessageTimeToLive = TimeSpan.FromHours(1),
                DuplicateDetectionHistoryTimeWindow = TimeSpan.FromSeconds(5),
                LockDuration = TimeSpan.FromSeconds(1),
                MaxDeliveryCount = int.MaxValue,
                RequiresDuplicateDetection = true,
                RequiresSession = true,
                AutoDeleteOnIdle = TimeSpan.FromDays(1),
                EnableBatchedOperations = false,
                MaxMessageSizeInKilobytes = 1024,
                MaxSizeInMegabytes = 2048,
                Status = EntityStatus.ReceiveDisabled,
                UserMetadata = "note",
                AuthorizationRules = queue.AuthorizationRules,
            },
            queue);
    }

    /// <summary>A new property of a queue, topic or subscription must find its way into the file.</summary>
    [Fact]
    public void Every_property_of_the_options_can_be_written()
    {
        string[] elsewhere = ["Name", "AuthorizationRules", "EnablePartitioning", "Subscriptions", "Rules"];
        var refused = Assert.Throws<ConfigurationException>(() => EmulatorConfiguration.Parse(
            """
            { "UserConfig": { "Namespaces": [ { "Queues": [ { "Name": "q", "Properties": { "?": 0 } } ],
              "Topics": [ { "Name": "t", "Properties": { "?": 0 }, "Subscriptions": [ { "Name": "s", "Properties": { "?": 0 } } ] } ] } ] } }
            """,
            "Config.json"));

        Type[] options = [typeof(QueueOptions), typeof(TopicOptions), typeof(SubscriptionOptions)];
        Assert.All(refused.Message.Split(Environment.NewLine).Zip(options), pair => Assert.All(
            pair.Second.GetProperties().Select(property => property.Name).Except(elsewhere),
            property => Assert.Contains($"\"{property}\"", pair.First, StringComparison.Ordinal)));
    }

    public static TheoryData<string, string> WrongFiles() => new()
    {
        // The frame.
        { "[]", "Config.json: The file must be a JSON object." },
        { "{ }", "Config.json: UserConfig: Missing." },
        {
            """{ "userConfig": {} }""",
            "Config.json: userConfig: Unknown member at the root of the file. Member names are case-sensitive: write \"UserConfig\"."
        },
        { """{ "UserConfig": [] }""", "Config.json: UserConfig: Expected an object, found a list." },
        { """{ "UserConfig": { "Logging": { "Type": "File" } } }""", "Config.json: UserConfig: 'Namespaces' is missing." },
        {
            """{ "UserConfig": { "Namespaces": {} } }""",
            "Config.json: UserConfig.Namespaces: Expected a list, found an object. Write [ ... ]."
        },
        {
            """{ "UserConfig": { "Namespaces": [ {}, {} ] } }""",
            "Config.json: UserConfig.Namespaces[1]: The broker has a single namespace."
        },
        {
            """{ "UserConfig": { "Namespaces": [], "Logging": { "Type": "file" } } }""",
            "Config.json: UserConfig.Logging.Type: \"file\" is not a known value. Use \"File\", \"Console\","
        },
        {
            Space("""{ "queues": [] }"""),
            "Config.json: UserConfig.Namespaces[0]: Unknown member 'queues'. Member names are case-sensitive: write \"Queues\"."
        },
        {
            Space("""{ "Queue": [] }"""),
            "Config.json: UserConfig.Namespaces[0]: Unknown member 'Queue'. Use \"Name\", \"Queues\" or \"Topics\"."
        },
        { Space("""{ "Queues": { "Name": "q" } }"""), "Config.json: UserConfig.Namespaces[0].Queues: Expected a list, found an object." },
        { Space("""{ "Queues": null }"""), "Config.json: UserConfig.Namespaces[0].Queues: Expected a list, found null." },
        { Space("""{ "Queues": [], "Queues": [] }"""), "Config.json: UserConfig.Namespaces[0]: 'Queues' is specified twice. Remove one." },
        {
            Space("""{ "Queues": [ { "Name": "a" } ], "Topics": [ { "Name": "A" } ] }"""),
            "Config.json: UserConfig.Namespaces[0].Topics[0]: 'A' is already declared at UserConfig.Namespaces[0].Queues[0]."
        },

        // Values.
        {
            Queue("""{ "Properties": {} }"""),
            "Config.json: UserConfig.Namespaces[0].Queues[0]: 'Name' is missing. Write \"Name\": \"...\"."
        },
        { Queue("""{ "Name": 5 }"""), "Config.json: UserConfig.Namespaces[0].Queues[0].Name: Expected a string, found a number." },
        {
            Queue("""{ "Name": "-q" }"""),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Name: '-q' is not a queue name. Use 1 to 260 letters"
        },
        {
            Queue("""{ "Name": "q", "Properties": [] }"""),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties: Expected an object, found a list."
        },
        {
            Queue("""{ "Name": "q", "LockDuration": "PT1M" }"""),
            "Config.json: UserConfig.Namespaces[0].Queues[0]: Unknown member 'LockDuration'. Use \"Name\" or \"Properties\"."
        },
        {
            Property("\"Color\": 1"),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties: Unknown member 'Color'. Use \"DeadLetteringOnMessageExpiration\", "
        },
        {
            Property("\"lockDuration\": \"PT1M\""),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties: Unknown member 'lockDuration'. Member names are case-sensitive: "
            + "write \"LockDuration\"."
        },
        {
            Property("\"LockDuration\": \"soon\""),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties.LockDuration: \"soon\" is not an ISO 8601 duration. "
            + "Write, for example, \"PT1M\" for one minute."
        },
        {
            Property("\"LockDuration\": 60"),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties.LockDuration: 60 is not an ISO 8601 duration."
        },
        {
            Property("\"LockDuration\": \"PT10M\""),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties.LockDuration: 00:10:00 is out of range; use 00:00:01 to 00:05:00."
        },
        {
            Property("\"MaxDeliveryCount\": \"3\""),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties.MaxDeliveryCount: \"3\" is not a whole number. "
            + "Write, for example, 10, without quotes."
        },
        { Property("\"MaxDeliveryCount\": 2.5"), "Properties.MaxDeliveryCount: 2.5 is not a whole number." },
        { Property("\"MaxDeliveryCount\": 3000000000"), "Properties.MaxDeliveryCount: 3000000000 is not a whole number." },
        {
            Property("\"RequiresSession\": \"true\""),
            "Properties.RequiresSession: \"true\" is neither true nor false. Write true or false, without quotes."
        },
        { Property("\"RequiresSession\": null"), "Properties.RequiresSession: null is neither true nor false." },
        { Property("\"Status\": \"active\""), "Properties.Status: \"active\" is not a known value. Use \"Active\", " },
        { Property("\"ForwardTo\": 5"), "Properties.ForwardTo: Expected a string, found a number." },
        {
            Property("\"ForwardTo\": \"q\""),
            "Config.json: UserConfig.Namespaces[0].Queues[0].Properties.ForwardTo: it cannot forward to itself."
        },

        // Topics.
        {
            Space("""{ "Topics": [ {}, { "Name": "t", "Subscriptions": {} } ] }"""),
            "Config.json: UserConfig.Namespaces[0].Topics[1].Subscriptions: Expected a list, found an object."
        },
        {
            Subscription("""{ "Properties": {} }"""),
            "Config.json: UserConfig.Namespaces[0].Topics[0].Subscriptions[0]: 'Name' is missing."
        },
        { Subscription("""{ "Name": "a/b" }"""), "Subscriptions[0].Name: 'a/b' is not a subscription name." },
        {
            Subscription("""{ "Name": "s" }, { "Name": "S" }"""),
            "Subscriptions[1]: 't/Subscriptions/S' is already declared at UserConfig.Namespaces[0].Topics[0].Subscriptions[0]."
        },
        {
            Subscription("""{ "Name": "s", "Properties": { "MaxDeliveryCount": 0 } }"""),
            "Subscriptions[0].Properties.MaxDeliveryCount: 0 is out of range; use 1 to 2147483647."
        },
        {
            Subscription("""{ "Name": "s", "Properties": { "ForwardTo": "T" } }"""),
            "Subscriptions[0].Properties.ForwardTo: a subscription cannot forward to its own topic."
        },
        { Subscription("""{ "Name": "s", "Rules": {} }"""), "Subscriptions[0].Rules: Expected a list, found an object." },
        { Subscription("""{ "Name": "s", "Rules": null }"""), "Subscriptions[0].Rules: Expected a list, found null." },
        {
            Subscription("""{ "Name": "s", "rules": [] }"""),
            "Subscriptions[0]: Unknown member 'rules'. Member names are case-sensitive: write \"Rules\"."
        },

        // Rules.
        {
            Rule("""{ "Properties": { "FilterType": "Sql", "SqlFilter": { "SqlExpression": "1=1" } } }"""),
            "Config.json: UserConfig.Namespaces[0].Topics[0].Subscriptions[0].Rules[0]: 'Name' is missing."
        },
        {
            Rule("""{ "Name": "r" }"""),
            "Config.json: UserConfig.Namespaces[0].Topics[0].Subscriptions[0].Rules[0]: 'Properties' is missing: a rule needs a filter."
        },
        {
            Rule("""{ "Name": "a/b", "Properties": { "FilterType": "Sql", "SqlFilter": { "SqlExpression": "1=1" } } }"""),
            "Rules[0].Name: 'a/b' is not a rule name."
        },
        { Rule("\"r\""), "Rules[0]: Expected an object, found a string." },
        {
            Properties("{}"),
            "Rules[0].Properties: 'FilterType' is missing. Write \"FilterType\": \"Sql\" or \"FilterType\": \"Correlation\"."
        },
        { Properties("""{ "CorrelationFilter": { "Label": "x" } }"""), "Rules[0].Properties: 'FilterType' is missing." },
        {
            Properties("""{ "FilterType": "Magic" }"""),
            "Rules[0].Properties.FilterType: \"Magic\" is not a known value. Use \"Sql\", \"Correlation\", "
        },
        {
            Properties("""{ "FilterType": "sql", "SqlFilter": { "SqlExpression": "1=1" } }"""),
            "Rules[0].Properties.FilterType: \"sql\" is not a known value."
        },
        { Properties("""{ "FilterType": "Sql" }"""), "Rules[0].Properties: The rule has no filter. Write \"SqlFilter\": { ... }." },
        {
            Properties("""{ "FilterType": "Correlation", "Action": { "SqlExpression": "SET a = 1" } }"""),
            "Rules[0].Properties: The rule has no filter. Write \"CorrelationFilter\": { ... }."
        },
        {
            Properties("""{ "FilterType": "Sql", "CorrelationFilter": { "Label": "x" } }"""),
            "Rules[0].Properties: FilterType is \"Sql\", but the filter is a \"CorrelationFilter\". "
            + "Write \"SqlFilter\", or change FilterType to \"Correlation\"."
        },
        {
            Properties("""{ "FilterType": "Correlation", "SqlFilter": { "SqlExpression": "1=1" } }"""),
            "Rules[0].Properties: FilterType is \"Correlation\", but the filter is a \"SqlFilter\"."
        },
        {
            Properties("""{ "FilterType": "Sql", "SqlFilter": { "SqlExpression": "1=1" }, "CorrelationFilter": { "Label": "x" } }"""),
            "Rules[0].Properties: The rule has two filters."
        },
        { Properties("""{ "FilterType": "Sql", "SqlFilter": { } }"""), "Rules[0].Properties.SqlFilter: 'SqlExpression' is missing." },
        {
            Properties("""{ "FilterType": "Sql", "SqlFilter": { "SqlExpression": " " } }"""),
            "Rules[0].Properties.SqlFilter.SqlExpression: The expression is empty."
        },
        {
            Properties("""{ "FilterType": "Sql", "SqlFilter": { "SqlExpression": "color = " } }"""),
            "Rules[0].Properties.SqlFilter: 'color = ' is not valid at position 9: a value was expected, not the end."
        },
        {
            Properties("""{ "FilterType": "Sql", "SqlFilter": { "SqlExpression": "1=1", "Parameters": [] } }"""),
            "Rules[0].Properties.SqlFilter.Parameters: Expected an object, found a list."
        },
        {
            Properties("""{ "FilterType": "Sql", "SqlFilter": { "SqlExpression": "1=1" }, "Action": { } }"""),
            "Rules[0].Properties.Action: 'SqlExpression' is missing."
        },
        {
            Properties("""{ "FilterType": "Sql", "SqlFilter": { "SqlExpression": "1=1" }, "Action": { "SqlExpression": "SET" } }"""),
            "Rules[0].Properties.Action: 'SET' is not valid at position 4"
        },
        {
            Properties("""{ "FilterType": "Correlation", "CorrelationFilter": { } }"""),
            "Rules[0].Properties.CorrelationFilter: a correlation filter needs at least one property to compare."
        },
        {
            Properties("""{ "FilterType": "Correlation", "CorrelationFilter": { "Colour": "x" } }"""),
            "Rules[0].Properties.CorrelationFilter: Unknown member 'Colour'. Use \"ContentType\", "
        },
        {
            Properties("""{ "FilterType": "Correlation", "CorrelationFilter": { "label": "x" } }"""),
            "Rules[0].Properties.CorrelationFilter: Unknown member 'label'. Member names are case-sensitive: write \"Label\"."
        },
        {
            Properties("""{ "FilterType": "Correlation", "CorrelationFilter": { "Label": "", "To": "x" } }"""),
            "Rules[0].Properties.CorrelationFilter.Label: The value is empty."
        },
        {
            Properties("""{ "FilterType": "Correlation", "CorrelationFilter": { "Label": "x", "Subject": "y" } }"""),
            "Rules[0].Properties.CorrelationFilter: \"Label\" and \"Subject\" are the same property."
        },
        {
            Properties("""{ "FilterType": "Correlation", "CorrelationFilter": { "Properties": { "a": [ 1 ] } } }"""),
            "Rules[0].Properties.CorrelationFilter.Properties.a: [ 1 ] is neither a string, a number nor a boolean."
        },
        {
            Properties("""{ "FilterType": "Correlation", "CorrelationFilter": { "Properties": { "a": 1, "a": 2 } } }"""),
            "Rules[0].Properties.CorrelationFilter.Properties: 'a' is specified twice."
        },
    };

    [Theory]
    [MemberData(nameof(WrongFiles))]
    public void What_is_wrong_is_said_with_its_place(string json, string problem)
    {
        var error = Assert.Throws<ConfigurationException>(() => EmulatorConfiguration.Parse(json, "Config.json"));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "arameter",
            error.Message.Replace("\"Parameters\"", "", StringComparison.Ordinal).Replace(".Parameters", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() => EmulatorConfiguration.Parse(
            Space("""{ "Queues": [ { "Name": "q", "Properties": { "LockDuration": "x" } }, { "name": "r" } ], "Topics": 5 }"""),
            "my/Config.json"));

        Assert.Equal(
            [
                "my/Config.json: UserConfig.Namespaces[0].Queues[0].Properties.LockDuration: \"x\" is not an ISO 8601 duration. "
                + "Write, for example, \"PT1M\" for one minute.",
                "my/Config.json: UserConfig.Namespaces[0].Queues[1]: Unknown member 'name'. Member names are case-sensitive: "
                + "write \"Name\".",
                "my/Config.json: UserConfig.Namespaces[0].Queues[1]: 'Name' is missing. Write \"Name\": \"...\".",
                "my/Config.json: UserConfig.Namespaces[0].Topics: Expected a list, found a number. Write [ ... ].",
            ],
            error.Message.Split(Environment.NewLine));
    }

    [Fact]
    public async Task A_target_that_is_not_declared_is_said_with_its_place()
    {
        var declared = EmulatorConfiguration.Parse(
            Subscription("""{ "Name": "s", "Properties": { "ForwardTo": "nowhere" } }"""), "Config.json");

        var refused = await Assert.ThrowsAsync<BrokerStartException>(
            () => ServiceBusBroker.StartAsync(new BrokerOptions { Queues = declared.Queues, Topics = declared.Topics }));

        Assert.Equal(
            "Config.json: UserConfig.Namespaces[0].Topics[0].Subscriptions[0].Properties.ForwardTo: there is no queue or topic 'nowhere'. "
                + "Declare it in this file, or correct the name.",
            declared.Explain("Config.json", refused.MissingTargets));
    }

    private static string Space(string space) => $$"""{ "UserConfig": { "Namespaces": [ {{space}} ] } }""";

    private static string Queue(string queue) => Space($$"""{ "Queues": [ {{queue}} ] }""");

    private static string Property(string property) => Queue($$"""{ "Name": "q", "Properties": { {{property}} } }""");

    private static string Subscription(string subscriptions) =>
        Space($$"""{ "Topics": [ { "Name": "t", "Subscriptions": [ {{subscriptions}} ] } ] }""");

    private static string Rule(string rule) => Subscription($$"""{ "Name": "s", "Rules": [ {{rule}} ] }""");

    private static string Properties(string properties) => Rule($$"""{ "Name": "r", "Properties": {{properties}} }""");
}
