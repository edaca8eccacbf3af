using System.Text;
using KedaJobs.Planner;
using KedaJobs.Planner.Record;

namespace KedaJobs.Tests.Planner.Simulation;

public class TraceFileTests
{
    [Theory]
    [InlineData("0\n1.5\n1.5,2048\n", "0:0 1.5:0 1.5:2048")]
    [InlineData("enqueued,bytes\r\n100,1\r\n\r\n103.25,\r\n", "0:1 3.25:0")]
    [InlineData("2026-05-04T10:00:00Z,10\n2026-05-04T12:00:01.5+02:00,20", "0:10 1.5:20")]
    [InlineData("5", "0:0")]
    public void Trace_is_read(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Read(text).Select(message => $"{message.At.TotalSeconds}:{message.Size}")));

    [Theory]
    [InlineData("", "t.csv(1,1): there is no message in it")]
    [InlineData("time\n", "t.csv(1,1): there is no message in it")]
    [InlineData("1\n2\nx\n", "t.csv(3,1): 'x' is not a time: write ISO 8601 with an offset")]
    [InlineData("1\n0.5", "t.csv(2,1): '0.5' is before the line above it: sort the file by time")]
    [InlineData("1,2\n3,big", "t.csv(2,3): 'big' is not a size")]
    [InlineData("1\n2026-05-04T10:00:00Z", "t.csv(2,1): dates and seconds are mixed")]
    [InlineData("0\n1e10", "t.csv(2,1): '1e10' is more than ten years after")]
    public void Wrong_trace_is_refused_with_its_line(string text, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<PlannerInputException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task What_is_written_is_read_again()
    {
        var start = new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
        using var file = new MemoryStream();
        await TraceFile.WriteAsync(file, [(start, 5), (start.AddTicks(1), 70_000)]);
        Assert.Equal([(TimeSpan.Zero, 5), (TimeSpan.FromTicks(1), 70_000)], Read(Encoding.UTF8.GetString(file.ToArray())));
    }

    private static List<(TimeSpan At, int Size)> Read(string text) => [.. TraceFile.Read(new StringReader(text), "t.csv")];
}
