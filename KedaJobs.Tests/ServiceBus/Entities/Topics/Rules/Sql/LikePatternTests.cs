using System.Text.RegularExpressions;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.Tests.ServiceBus.Entities.Topics.Rules.Sql;

public sealed class LikePatternTests
{
    /// <summary>Against regular expressions, on many small texts in which everything meets everything.</summary>
    [Fact]
    public void A_pattern_matches_what_the_same_regular_expression_does()
    {
        var random = new Random(20);
        for (var round = 0; round < 20_000; round++)
        {
            var text = Text(random, "ab%_!", 6);
            var pattern = Text(random, "ab%_!", 6);
            if (!LikePattern.IsWellFormed(pattern, '!'))
            {
                continue;
            }

            var expression = Regex.Replace(
                pattern, "!(.)|.", match => match.Groups[1].Success
                    ? Regex.Escape(match.Groups[1].Value)
                    : match.Value switch { "%" => ".*", "_" => ".", var one => Regex.Escape(one) });
            Assert.True(
                Regex.IsMatch(text, $@"\A{expression}\z", RegexOptions.Singleline) == LikePattern.Matches(text, pattern, '!'),
                $"'{text}' LIKE '{pattern}'");
        }
    }

    [Fact]
    public void Many_wildcards_take_no_long_time() =>
        Assert.False(LikePattern.Matches(new string('a', 50_000), string.Concat(Enumerable.Repeat("%a", 400)) + "b", null));

    private static string Text(Random random, string alphabet, int longest) =>
        string.Concat(Enumerable.Range(0, random.Next(longest + 1)).Select(_ => alphabet[random.Next(alphabet.Length)]));
}
