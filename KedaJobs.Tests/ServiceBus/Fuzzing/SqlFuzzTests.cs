using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;
using KedaJobs.Tests.ServiceBus.Entities.Topics.Rules.Sql;
using Xunit.Abstractions;

namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>
/// Random filters and actions: each is refused with a position within its text, or can be evaluated to an answer or a documented error.
/// </summary>
public sealed class SqlFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Pieces =
    [
        "color", "quantity", "price", "missing", "sys.Label", "sys.Nothing", "user.", "[a]]b]", "[", "\"x\"", "'red'", "'it''s'", "'",
        "1", "2.5", "1e3", "9223372036854775807", "-", "+", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">", ">=", "(", ")", ",", ";", ".",
        "AND", "OR", "NOT", "IN", "LIKE", "ESCAPE", "'\\'", "IS", "NULL", "EXISTS", "TRUE", "FALSE", "SET", "REMOVE", "newid()", "p(",
        "property(", "@p", "@", "#", "é", "\0", "(quantity = 1)", "color LIKE '%e%'", "quantity IN (1, 10)",
    ];

    [Fact]
    public void Random_texts_are_refused_or_evaluated()
    {
        var random = new Random(FuzzSeed.Choose(output));
        var parameters = new Dictionary<string, object> { ["p"] = 10L };
        var (understood, refused) = (0, 0);
        for (var round = 0; round < 200_000; round++)
        {
            var text = (random.Next(3) == 0 ? "quantity = 1 " : "") + string.Join(' ', random.GetItems(Pieces, random.Next(1, 7)));
            try
            {
                SqlParser.ParseFilter(text, parameters).Test(TestProperties.Instance);
                understood++;
            }
            catch (SqlSyntaxException wrong)
            {
                Assert.InRange(wrong.Position, 1, text.Length + 1);
                refused++;
            }
            catch (FilterException)
            {
                understood++;
            }

            try
            {
                SqlParser.ParseAction(text, parameters);
            }
            catch (SqlSyntaxException wrong)
            {
                Assert.InRange(wrong.Position, 1, text.Length + 1);
            }
        }

        output.WriteLine($"{understood} understood, {refused} refused");
        Assert.True(understood > 1000 && refused > 1000, $"{understood} understood, {refused} refused");
    }
}
