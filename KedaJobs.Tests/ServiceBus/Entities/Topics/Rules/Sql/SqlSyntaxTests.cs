using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics.Rules.Sql;

public sealed class SqlSyntaxTests
{
    [Theory]
    [InlineData("", 1, "a value was expected, not the end")]
    [InlineData("color", 1, "a condition was expected")]
    [InlineData("color red", 7, "a comparison was expected, not 'red'")]
    [InlineData("color =", 8, "a value was expected, not the end")]
    [InlineData("color = 'red", 9, "no closing '")]
    [InlineData("[color = 1", 1, "no closing ]")]
    [InlineData("color = \"\"", 9, "the name is empty")]
    [InlineData("color = 'red' 'blue'", 15, "AND, OR or the end was expected, not the text 'blue'")]
    [InlineData("(color = 'red'", 15, "')' was expected, not the end")]
    [InlineData("color = 'red')", 14, "AND, OR or the end")]
    [InlineData("color == 'red'", 8, "a value was expected, not '='")]
    [InlineData("color = (a = 1)", 9, "a value was expected")]
    [InlineData("a = 1 AND b", 11, "a condition was expected")]
    [InlineData("a AND b = 1", 1, "a condition was expected")]
    [InlineData("NOT a", 5, "a condition was expected")]
    [InlineData("a = 1 AND", 10, "a value was expected, not the end")]
    [InlineData("a = b = c", 7, "AND, OR or the end")]
    [InlineData("a NOT = 1", 7, "IN or LIKE was expected")]
    [InlineData("a IS 1", 6, "NULL was expected")]
    [InlineData("a + 1 IS NULL", 1, "only a property")]
    [InlineData("a IN 1", 6, "'(' was expected")]
    [InlineData("a IN ()", 7, "a value was expected, not ')'")]
    [InlineData("a IN (1,)", 9, "a value was expected, not ')'")]
    [InlineData("EXISTS color", 8, "'(' was expected")]
    [InlineData("EXISTS(1)", 8, "the name of a property was expected")]
    [InlineData("other.color = 1", 1, "'other' is not a scope")]
    [InlineData("sys. = 1", 6, "the name of a property was expected")]
    [InlineData("like = 1", 1, "[like]")]
    [InlineData("sys.In = 1", 5, "[In]")]
    [InlineData("a = 1x", 5, "'1x' begins like a number")]
    [InlineData("a = 1.2.3", 5, "begins like a number")]
    [InlineData("a = 1e", 5, "is not a number")]
    [InlineData("a = 9223372036854775808", 5, "64-bit")]
    [InlineData("a = @b", 5, "@b has no value")]
    [InlineData("a = @", 5, "a parameter's name")]
    [InlineData("a = @bytes", 5, "Byte[]")]
    [InlineData("a = now()", 5, "there is no function 'now'")]
    [InlineData("newid(1) = a", 7, "')' was expected")]
    [InlineData("a # 1", 3, "'#' has no meaning")]
    [InlineData("a = 1; b = 2", 6, "AND, OR or the end was expected, not ';'")]
    public void A_wrong_condition_says_where_and_why(string expression, int position, string problem)
    {
        var error = Assert.Throws<SqlSyntaxException>(
            () => SqlParser.ParseFilter(expression, new Dictionary<string, object> { ["bytes"] = Array.Empty<byte>() }));
        Assert.Equal(position, error.Position);
        Assert.StartsWith($"at position {position}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1, "SET or REMOVE was expected, not the end")]
    [InlineData("color = 1", 1, "SET or REMOVE was expected, not 'color'")]
    [InlineData("SET color 1", 11, "'=' was expected, not '1'")]
    [InlineData("SET = 1", 5, "the name of a property")]
    [InlineData("SET a = b = c", 11, "SET or REMOVE was expected")]
    [InlineData("SET a = (b = 1)", 9, "a value was expected")]
    [InlineData("SET a = 1, b = 2", 10, "SET or REMOVE was expected, not ','")]
    [InlineData("REMOVE a = 1", 10, "SET or REMOVE was expected")]
    [InlineData("REMOVE sys.SequenceNumber", 8, "there is no system property 'sys.SequenceNumber'")]
    [InlineData("SET sys.EnqueuedTimeUtc = 1", 5, "'EnqueuedTime' cannot be changed")]
    public void A_wrong_action_says_where_and_why(string expression, int position, string problem)
    {
        var error = Assert.Throws<SqlSyntaxException>(() => SqlParser.ParseAction(expression, new Dictionary<string, object>()));
        Assert.Equal(position, error.Position);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_are_those_of_Service_Bus()
    {
        var none = new Dictionary<string, object>();
        SqlParser.ParseFilter("a = 1".PadRight(1024), none);
        Assert.Equal(1025, Assert.Throws<SqlSyntaxException>(() => SqlParser.ParseFilter("a = 1".PadRight(1025), none)).Position);

        Assert.Equal(32, SqlParser.ParseAction(string.Concat(Enumerable.Repeat("SET a = 1;", 32)), none).Count);
        Assert.Equal(
            321, Assert.Throws<SqlSyntaxException>(() => SqlParser.ParseAction(
                string.Concat(Enumerable.Repeat("SET a = 1;", 33)), none)).Position);
    }

    [Theory]
    [InlineData("(", "a = 1", ")")]
    [InlineData("NOT ", "a = 1", "")]
    [InlineData("- ", "a = 1", "")]
    [InlineData("p(", "a", ")")]
    public void Nesting_has_a_limit(string open, string inner, string close)
    {
        var none = new Dictionary<string, object>();
        string Nested(int depth) =>
            string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth))
            + (inner == "a" ? " = 1" : "");

        SqlParser.ParseFilter(Nested(64), none);
        Assert.Contains(
            "nested", Assert.Throws<SqlSyntaxException>(() => SqlParser.ParseFilter(Nested(65), none)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Statements_need_no_semicolons()
    {
        var statements = SqlParser.ParseAction("SET a = 1 REMOVE b;; set sys.To = 'x';", new Dictionary<string, object>());
        Assert.Equal(3, statements.Count);
        Assert.Equal([true, false, true], statements.Select(statement => statement.Value is not null));
    }
}
