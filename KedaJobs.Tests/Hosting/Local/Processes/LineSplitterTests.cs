using System.Text;
using KedaJobs.Hosting.Local.Processes;

namespace KedaJobs.Tests.Hosting.Local.Processes;

public class LineSplitterTests
{
    private readonly List<string> _lines = [];

    [Theory]
    [InlineData("a\nb\n", "a", "b")]
    [InlineData("a\r\nb\rc", "a", "b", "c")]
    [InlineData("\n\nä€😀", "", "", "ä€😀")]
    [InlineData("last")]
    [InlineData("")]
    public void Lines_are_the_same_however_the_bytes_arrive(string text, params string[] expected)
    {
        string[] lines = expected.Length == 0 && text.Length > 0 ? [text] : expected;
        for (var size = 1; size <= 5; size++)
        {
            _lines.Clear();
            var splitter = new LineSplitter(_lines.Add);
            foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(size))
            {
                splitter.Add(piece);
            }

            splitter.End();

            Assert.Equal(lines, _lines);
        }
    }

    [Fact]
    public void Line_without_end_is_cut()
    {
        var splitter = new LineSplitter(_lines.Add);
        splitter.Add(new byte[LineSplitter.LongestLine + 10]);
        splitter.End();

        Assert.Equal([LineSplitter.LongestLine, 10], _lines.Select(line => line.Length));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced()
    {
        var splitter = new LineSplitter(_lines.Add);
        splitter.Add([0x61, 0xC3]);
        splitter.End();

        Assert.Equal(["a\uFFFD"], _lines);
    }
}
