using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics.Rules.Sql;

public sealed class SqlFilterTests
{
    // T, F or U (unknown), for the properties of TestProperties.
    private const string Cases = """"
        T  color = 'red'
        F  color = 'Red'
        T  COLOR = 'red'
        T  user.color = 'red' AND User.Color <> 'blue'
        F  color != 'red'
        T  'red' = color
        F  color > 'red'
        T  color >= 'red' AND color < 'rede'
        T  quantity = 10
        T  quantity = 10.0
        T  quantity > 9 AND quantity >= 10 AND quantity < 11 AND quantity <= 10
        F  quantity <> 10
        T  price = 2.5
        T  price > 2 AND 3 > price
        T  1e1 = quantity AND 101.5E-1 > quantity AND .5 < 1. AND 0.5E+2 = 50
        T  -5 < -4 AND - quantity = -10 AND +quantity = 10 AND - (-1) = 1
        T  big = 9223372036854775807 AND -9223372036854775808 < big
        T  yes = TRUE AND yes <> false
        T  yes = (true)

        T  quantity + 2 * 3 = 16
        T  (quantity + 2) * 3 = 36
        T  quantity - 2 - 3 = 5
        T  quantity / 4 = 2 AND quantity / 4.0 = 2.5 AND quantity % 4 = 2
        T  price * 2 = 5
        T  1.0 / 0 > big
        T  color + 's' = 'reds' AND color + 1 = 'red1' AND 1 + color = '1red'
        T  at - before = span AND at - before <= @day AND before + span = at AND at - span = before
        T  span + span > span AND span - span < span AND -span < span
        T  at > before AND at > @newYear

        U  missing = 1
        U  missing <> 1
        U  nothing = 1
        U  NULL = NULL
        U  missing + 1 > 0
        U  -missing < 0
        U  NOT missing = 1
        F  missing = 1 AND color = 'blue'
        U  missing = 1 AND color = 'red'
        U  color = 'red' AND missing = 1
        T  missing = 1 OR color = 'red'
        U  missing = 1 OR color = 'blue'
        F  color = 'blue' AND color > 1
        T  color = 'red' OR color > 1
        T  NOT color = 'blue'
        F  NOT NOT color = 'blue'
        T  NOT color = 'blue' AND NOT (color = 'green' OR quantity = 1)
        T  color = 'red' OR color = 'blue' AND quantity = 99
        F  (color = 'red' OR color = 'blue') AND quantity = 99

        T  missing IS NULL
        T  nothing IS NULL
        F  color IS NULL
        T  color IS NOT NULL
        F  missing IS NOT NULL
        F  empty IS NULL
        T  sys.ReplyTo IS NULL AND sys.To IS NOT NULL
        T  EXISTS(color) AND EXISTS ( user.color )
        T  EXISTS(nothing)
        F  EXISTS(missing)
        T  NOT EXISTS(missing)
        T  EXISTS(sys.To) AND NOT EXISTS(sys.ReplyTo)

        T  color IN ('blue', 'red')
        F  color IN ('blue')
        T  color NOT IN ('blue')
        F  color NOT IN ('blue', 'red')
        T  quantity IN (1 + 9)
        U  missing IN ('a')
        U  missing NOT IN ('a')
        U  color IN ('blue', missing)
        T  color IN (missing, 'red')
        T  sys.To NOT IN ('Store1','Store2') OR missing NOT IN ('Store1')
        T  yes IN (false, true)

        T  color LIKE 'r%'
        T  color LIKE '_e_'
        F  color LIKE 'R%'
        F  color LIKE 'e'
        T  color NOT LIKE '%blue%'
        T  color LIKE '%'
        T  empty LIKE '%' AND empty LIKE ''
        T  percent LIKE '%\%' ESCAPE '\'
        F  color LIKE 're\_' ESCAPE '\'
        T  percent LIKE '100!%' ESCAPE '!'
        T  percent LIKE '1__%%'
        U  missing LIKE 'a'
        U  color LIKE missing
        U  color NOT LIKE missing
        U  color LIKE 'a' ESCAPE missing
        T  sys.Label LIKE '%bus%' AND sys.subject LIKE 'the%late'
        T  color LIKE @pattern

        T  [HR-EmployeeID] = '7'
        T  user.[hr-employeeid] = '7' AND [color] = "color"
        T  [a]]b] = 'bracket'
        T  "Contoso & ""Northwind""" = 'quoted'
        T  größe = 3
        T  quote = 'it''s'
        T  set = 'not a keyword in a filter'
        T  property('color') = 'red' AND p(which) = 'red' AND p('sys.To') = 'Store5' AND p('user.quantity') = 10
        U  p('missing') = 1
        U  p(missing) = 1
        T  newid() <> newid() AND newid() <> id
        T  id = @id
        T  quantity = @ten AND color = @COLOR
        T  sys.TimeToLive = @minute
        T  color='red'and(quantity=10)
        """";

    private static readonly Dictionary<string, object> Parameters = new()
    {
        ["@ten"] = 10,
        ["color"] = "red",
        ["pattern"] = "_ed",
        ["day"] = TimeSpan.FromDays(1),
        ["minute"] = TimeSpan.FromMinutes(1),
        ["newYear"] = new DateTime(2030, 1, 1, 12, 0, 0, DateTimeKind.Utc),
        ["id"] = new Guid("00000000-0000-0000-0000-000000000001"),
    };

    public static TheoryData<string, string> Table()
    {
        var table = new TheoryData<string, string>();
        foreach (var line in Cases.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            table.Add(line[3..], line[..1]);
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void A_condition_is_true_false_or_unknown(string expression, string expected) =>
        Assert.Equal(expected, Test(expression).ToString()[..1]);

    [Theory]
    [InlineData("color = 1", "'='", "Text", "Integer")]
    [InlineData("quantity > 'a'", "'>'", "Integer", "Text")]
    [InlineData("yes > false", "'>'", "Boolean")]
    [InlineData("id > id", "'>'", "Id")]
    [InlineData("color - 'a' = 'b'", "'-'", "Text")]
    [InlineData("yes + 1 = 2", "'+'", "Boolean")]
    [InlineData("-color = 'a'", "'-'", "Text")]
    [InlineData("+yes = true", "'+'", "Boolean")]
    [InlineData("data = 'a'", "Other")]
    [InlineData("data + 'a' = 'a'", "Other")]
    [InlineData("color IN ('blue', 1)", "Integer")]
    [InlineData("quantity LIKE '1%'", "LIKE", "Integer")]
    [InlineData("color LIKE 1", "LIKE", "Integer")]
    [InlineData("color LIKE 'a' ESCAPE 'ab'", "one character")]
    [InlineData("color LIKE 'a\\' ESCAPE '\\'", "ends with its escape character")]
    [InlineData("quantity / 0 = 1", "10 / 0")]
    [InlineData("quantity % 0 = 1", "10 % 0")]
    [InlineData("big + 1 > 0", "cannot be computed")]
    [InlineData("big * 2 > 0", "cannot be computed")]
    [InlineData("at + @forever > at", "calendar")]
    [InlineData("sys.NoSuchProperty = 1", "sys.NoSuchProperty")]
    [InlineData("sys.LockToken IS NULL", "sys.LockToken")]
    [InlineData("EXISTS(sys.Nothing)", "sys.Nothing")]
    [InlineData("p('sys.Nothing') = 1", "sys.Nothing")]
    [InlineData("p(1) = 1", "property()")]
    public void What_cannot_be_told_is_an_error_that_says_why(string expression, params string[] parts)
    {
        var error = Assert.Throws<FilterException>(() => Test(expression));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_left_side_alone_decides_where_it_can()
    {
        Assert.Equal(Truth.False, Test("color = 'blue' AND sys.Nothing = 1"));
        Assert.Equal(Truth.True, Test("color = 'red' OR sys.Nothing = 1"));
    }

    private static Truth Test(string expression) => SqlParser.ParseFilter(
        expression, new Dictionary<string, object>(Parameters) { ["forever"] = TimeSpan.MaxValue }).Test(TestProperties.Instance);
}
