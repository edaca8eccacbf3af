using System.IO.Pipelines;
using KedaJobs.Planner;

namespace KedaJobs.Tests.Planner.Explain;

public class ExplainLinesTests
{
    [Fact]
    public async Task Wrong_lines_are_answered_in_their_place_and_the_rest_goes_on()
    {
        var run = await PlannerRun.Of(
            "{\"triggers\":[{\"length\":12}]}\n\nno\r\n{\"running\":-1,\"triggers\":[]}\r\n{\"triggers\":[{\"length\":1}]}",
            "explain", "--jsonl");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            """
            {"isActive":true,"isError":false,"queueLength":12,"maxScale":3,"start":3}
            {"line":3,"error":"is not JSON: 'no' is an invalid JSON literal. Expected the literal 'null'."}
            {"line":4,"error":"running: is -1 and must be at least 0"}
            {"isActive":true,"isError":false,"queueLength":1,"maxScale":1,"start":1}

            """.ReplaceLineEndings("\n"),
            run.Output);
    }

    [Fact]
    public async Task Answer_comes_before_the_next_line_is_written()
    {
        var (input, output) = (new Pipe(), new Pipe());
        var planner = PlannerCommandLine.RunAsync(
            ["explain", "--jsonl"], new(input.Reader.AsStream(), output.Writer.AsStream(), TextWriter.Null));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answers = new StreamReader(output.Reader.AsStream());

        for (var length = 1; length <= 3; length++)
        {
            await input.Writer.WriteAsync(
                System.Text.Encoding.UTF8.GetBytes($"{{\"triggers\":[{{\"length\":{length}}}]}}\n"), deadline.Token);
            Assert.Contains($"\"queueLength\":{length},", await answers.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
        }

        await input.Writer.CompleteAsync();
        Assert.Equal(0, await planner.WaitAsync(deadline.Token));
    }

    [Fact]
    public async Task Many_lines_are_each_answered_in_order()
    {
        var polls = string.Concat(Enumerable.Range(0, 20_000).Select(length => $"{{\"triggers\":[{{\"length\":{length}}}]}}\n"));

        var run = await PlannerRun.Of(polls, "explain", "--jsonl");

        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(20_000, lines.Length);
        Assert.All(lines.Index(), line => Assert.Contains($"\"queueLength\":{line.Index},", line.Item, StringComparison.Ordinal));
    }
}
