using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics.Rules;

public sealed class RuleSetTests
{
    private static readonly TestContent Message = new("body")
    {
        Id = "id-1",
        Session = "s1",
        Properties = new() { ["color"] = "red", ["quantity"] = 10, ["flag"] = true, ["nothing"] = null },
        Texts =
            new() { [SystemProperty.Label] = "order", [SystemProperty.CorrelationId] = "c1", [SystemProperty.ContentType] = "text/plain" },
    };

    [Fact]
    public void Matching_rules_without_an_action_give_one_copy_and_each_with_one_another()
    {
        // The example of Microsoft Learn, "Topic filters and actions": five rules that match, two
        // of them with actions, give three messages.
        var copies = Select(
            out var failure,
            new RuleOptions { Name = "1" },
            new RuleOptions { Name = "2", Filter = new SqlFilter("color = 'red'") },
            new RuleOptions { Name = "3", Filter = new CorrelationFilter { Subject = "order" } },
            new RuleOptions { Name = "4", Action = new SqlAction("SET color = 'blue'") },
            new RuleOptions { Name = "5", Filter = new SqlFilter("quantity > 1"), Action = new SqlAction("REMOVE color") });
        Assert.Null(failure);
        Assert.Equal(3, copies.Count);
        Assert.Same(Message, copies[0]);
        Assert.Equal(["blue", null], copies[1..].Select(copy => copy.Properties.GetValueOrDefault("color")));
        Assert.Equal(["4", "5"], copies[1..].Select(copy => copy.Properties["RuleName"]));
    }

    [Fact]
    public void Only_what_is_true_matches()
    {
        Assert.Empty(Select(
            out var failure,
            new RuleOptions { Name = "false", Filter = new FalseFilter() },
            new RuleOptions { Name = "unknown", Filter = new SqlFilter("missing = 1") },
            new RuleOptions { Name = "not", Filter = new SqlFilter("NOT missing = 1") }));
        Assert.Null(failure);
    }

    [Fact]
    public void Without_rules_nothing_is_selected() => Assert.Empty(Select(out _));

    [Fact]
    public void A_rule_that_fails_does_not_keep_others_from_matching()
    {
        var copies = Select(
            out var failure,
            new RuleOptions { Name = "a", Filter = new SqlFilter("color > 1") },
            new RuleOptions { Name = "b", Filter = new SqlFilter("sys.Nothing = 1") },
            new RuleOptions { Name = "c" },
            new RuleOptions { Name = "d", Action = new SqlAction("SET x = color * 2") });
        Assert.Same(Message, Assert.Single(copies));
        Assert.StartsWith("Rule 'a': The operator '>'", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CorrelationId", "c1", true)]
    [InlineData("CorrelationId", "C1", false)]
    [InlineData("MessageId", "id-1", true)]
    [InlineData("Subject", "order", true)]
    [InlineData("SessionId", "s1", true)]
    [InlineData("ContentType", "text/plain", true)]
    [InlineData("To", "nobody", false)]
    [InlineData("ReplyTo", "nobody", false)]
    [InlineData("ReplyToSessionId", "nobody", false)]
    public void A_correlation_filter_compares_one_property_exactly(string property, string value, bool expected)
    {
        var filter = new CorrelationFilter();
        typeof(CorrelationFilter).GetProperty(property)!.SetValue(filter, value);
        Assert.Equal(expected ? 1 : 0, Select(out _, new RuleOptions { Filter = filter }).Count);
    }

    public static TheoryData<string, object, bool> Properties() => new()
    {
        { "color", "red", true },
        { "COLOR", "red", true },
        { "color", "RED", false },
        { "quantity", 10, true },
        { "quantity", 10L, true },
        { "quantity", 10.0, true },
        { "quantity", 11, false },
        { "quantity", "10", false },
        { "flag", true, true },
        { "flag", "True", false },
        { "nothing", "", false },
        { "missing", "red", false },
    };

    [Theory]
    [MemberData(nameof(Properties))]
    public void A_correlation_filter_compares_application_properties(string name, object value, bool expected) => Assert.Equal(
        expected ? 1 : 0, Select(out _, new RuleOptions
        {
            Filter = new CorrelationFilter { Properties = new Dictionary<string, object> { [name] = value } },
        }).Count);

    [Fact]
    public void All_parts_of_a_correlation_filter_must_match()
    {
        Assert.Single(Select(out _, new RuleOptions { Filter = new CorrelationFilter { Subject = "order", CorrelationId = "c1" } }));
        Assert.Empty(Select(out _, new RuleOptions { Filter = new CorrelationFilter { Subject = "order", CorrelationId = "c2" } }));
    }

    [Theory]
    [InlineData("SET quantity = quantity / 2", "quantity", 5L)]
    [InlineData("SET quantity = quantity + 1; SET quantity = quantity * 2", "quantity", 22L)]
    [InlineData("SET New = 'x' + COLOR", "New", "xred")]
    [InlineData("REMOVE color SET found = p('color') + 'x'", "found", null)]
    [InlineData("SET user.flag = FALSE", "flag", false)]
    [InlineData("SET color = @value", "color", 2.5)]
    [InlineData("SET color = sys.Label", "color", "order")]
    [InlineData("SET sys.Label = 'new'; SET color = sys.Subject", "color", "new")]
    [InlineData("SET color = missing", "color", null)]
    public void An_action_changes_properties_one_statement_after_the_other(string action, string property, object? expected)
    {
        var rule = new RuleOptions { Action = new SqlAction(action) { Parameters = new Dictionary<string, object> { ["@value"] = 2.5 } } };
        var copy = Assert.Single(Select(out _, rule));
        Assert.Equal(expected, copy.Properties[property]);
        Assert.Equal("red", Message.Properties["color"]);
    }

    [Fact]
    public void An_action_changes_system_properties()
    {
        var copy = Assert.Single(Select(
            out _, new RuleOptions { Action = new SqlAction("SET sys.To = 'x' + 1; REMOVE sys.CorrelationId; SET sys.SessionId = 's2'") }));
        Assert.Equal(("x1", null, "s2"), (copy.Texts[SystemProperty.To], copy.Texts[SystemProperty.CorrelationId], copy.SessionId));
    }

    [Fact]
    public void A_session_id_that_is_too_long_fails_the_action()
    {
        Assert.Empty(Select(out var failure, new RuleOptions { Action = new SqlAction($"SET sys.SessionId = '{new string('x', 129)}'") }));
        Assert.Contains("128 characters, not 129", failure, StringComparison.Ordinal);
    }

    private static List<TestContent> Select(out string? failure, params RuleOptions[] rules)
    {
        var properties = new MessageProperties();
        properties.Begin(new BrokerMessage(Message));
        var copies = new List<MessageContent>();
        new RuleSet(rules.Select(rule => new CompiledRule(rule, DateTime.UnixEpoch))).Select(properties, Message, copies, out failure);
        return [.. copies.Cast<TestContent>()];
    }
}
