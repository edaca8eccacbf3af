using KedaJobs.Hosting.Local.Entities;

namespace KedaJobs.Tests.Hosting.Local.Entities;

public class MessageInputTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"a": 1}""", null, "application/json")]
    [InlineData("hello", null, "text/plain")]
    [InlineData(null, null, "text/plain")]
    [InlineData("<a/>", "application/xml", "application/xml")]
    public void Content_type_follows_from_the_body_unless_it_is_given(string? body, string? given, string expected)
    {
        var message = MessageInput.Create(body, given);

        Assert.Equal((expected, body ?? ""), (message.ContentType, message.Body.ToString()));
    }

    [Fact]
    public void Properties_keep_their_types()
    {
        var properties = MessageInput.Properties("""{"priority": 1, "weight": 1.5, "urgent": true, "who": "me"}""", out var problem);

        Assert.Null(problem);
        Assert.Equal(
            new Dictionary<string, object> { ["priority"] = 1L, ["weight"] = 1.5, ["urgent"] = true, ["who"] = "me" }
                .OrderBy(property => property.Key),
            properties.OrderBy(property => property.Key));
        Assert.Empty(MessageInput.Properties(" ", out problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("[1]", "Write a JSON object")]
    [InlineData("priority=1", "This is not JSON")]
    [InlineData("""{"a": {"b": 1}}""", "The value of 'a' must be")]
    public void Wrong_properties_are_explained(string text, string expected)
    {
        MessageInput.Properties(text, out var problem);

        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("0.5", 0.5)]
    [InlineData("00:05:00", 300)]
    [InlineData("2026-08-01T12:00:10Z", 10)]
    [InlineData("2026-08-01T12:00:10", 10)]
    [InlineData("2026-08-01T14:00:10+02:00", 10)]
    public void Schedule_is_seconds_a_time_span_or_a_time(string text, double seconds)
    {
        Assert.Equal(Noon.AddSeconds(seconds), MessageInput.ScheduledTime(text, Noon, out var problem));
        Assert.Null(problem);
    }

    [Fact]
    public void No_schedule_is_now_and_a_wrong_one_is_explained()
    {
        Assert.Null(MessageInput.ScheduledTime("", Noon, out var problem));
        Assert.Null(problem);
        Assert.Null(MessageInput.ScheduledTime("tomorrow", Noon, out problem));
        Assert.StartsWith("Write a number of seconds", problem, StringComparison.Ordinal);
    }
}
