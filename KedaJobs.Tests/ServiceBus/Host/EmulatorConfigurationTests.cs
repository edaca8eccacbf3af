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
            """).Topics);

        Assert.Equal(("topic.1", TimeSpan.FromHours(1), TimeSpan.FromSeconds(20), true), (topic.Name, topic.DefaultMessageTimeToLive, topic.DuplicateDetectionHistoryTimeWindow, topic.RequiresDuplicateDetection));
        var subscription = topic.Subscriptions[0];
        Assert.Equal(
            ("subscription.1", true, TimeSpan.FromSeconds(30), 3, null, "queue.1"),
            (subscription.Name, subscription.DeadLetteringOnMessageExpiration, subscription.LockDuration, subscription.MaxDeliveryCount, subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo));
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
        Assert.Equal(new Dictionary<string, object> { ["text"] = "t", ["number"] = 5L, ["real"] = 2.5, ["flag"] = true }, correlation.Properties);
        Assert.Equal("sys.MessageId = '123456'", Assert.IsType<SqlFilter>(subscription.Rules[1].Filter).Expression);
        Assert.Equal("SET sys.To = 'Entity'", subscription.Rules[1].Action?.Expression);
        Assert.Equal([new RuleOptions()], topic.Subscriptions[1].Rules);
        Assert.Empty(TopicOptionsValidator.Validate(topic));
    }

    [Theory]
    [InlineData("""{ "Name": "t", "Properties": { "Color": 1 } }""", "Topic 't': the property 'Color' is unknown.")]
    [InlineData("""{ "Name": "t", "Properties": { "DefaultMessageTimeToLive": "soon" } }""", "Topic 't': DefaultMessageTimeToLive cannot be \"soon\"")]
    [InlineData("""{ "Name": "t", "Subscriptions": [ { "Properties": {} } ] }""", "has no 'Name'")]
    [InlineData("""{ "Name": "t", "Subscriptions": [ { "Name": "s", "Properties": { "MaxDeliveryCount": "x" } } ] }""", "Subscription 't/s': MaxDeliveryCount cannot be \"x\"")]
    [InlineData("""{ "Name": "t", "Subscriptions": [ { "Name": "s", "Rules": [ { "Name": "r", "Properties": { "FilterType": "Magic" } } ] } ] }""", "Subscription 't/s', rule 'r': FilterType cannot be \"Magic\": use Sql or Correlation.")]
    [InlineData("""{ "Name": "t", "Subscriptions": [ { "Name": "s", "Rules": [ { "Name": "r", "Properties": { "CorrelationFilter": { "Colour": "x" } } } ] } ] }""", "'Colour' is unknown")]
    [InlineData("""{ "Name": "t", "Subscriptions": [ { "Name": "s", "Rules": [ { "Name": "r", "Properties": { "SqlFilter": { } } } ] } ] }""", "has no 'SqlExpression'")]
    public void What_is_wrong_is_said_with_its_place(string topic, string problem)
    {
        var error = Assert.Throws<ConfigurationException>(
            () => EmulatorConfiguration.Parse($$"""{ "UserConfig": { "Namespaces": [ { "Topics": [ {{topic}} ] } ] } }"""));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
