using KedaJobs.Contracts;
using KedaJobs.Jobs;
using KedaJobs.Worker.Handlers;

namespace KedaJobs.Tests.Worker.Handlers;

public class WordCountHandlerTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("one two", "one|two")]
    [InlineData("  one,two;three!  ", "one|two|three")]
    [InlineData("don't it\u2019s 'quoted'", "don't|it\u2019s|quoted")]
    [InlineData("well-known - dash", "well-known|dash")]
    [InlineData("3.14 and 42nd", "3|14|and|42nd")]
    [InlineData("snake_case", "snake_case")]
    [InlineData("Übergrößenträger naïve", "Übergrößenträger|naïve")]
    [InlineData("e\u0301te\u0301", "e\u0301te\u0301")] // marks belong to the letter before
    [InlineData("слово и дело", "слово|и|дело")]
    [InlineData("שלום עולם", "שלום|עולם")]
    [InlineData("漢字テスト", "漢|字|テスト")] // ideographs are words, a run of Katakana is one
    [InlineData("\U00020000\U00020001", "\U00020000|\U00020001")] // beyond the first plane
    [InlineData("𝒜bc d", "𝒜bc|d")]
    [InlineData("👩‍👩‍👧 hi", "hi")]
    [InlineData("bad \ud800 half", "bad|half")]
    public void FindsWords(string text, string expected) => Assert.Equal(expected, string.Join('|', TextScanner.Words(text)));

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("ab c", 4, 3)]
    [InlineData("e\u0301", 1, 1)]
    [InlineData("👩‍👩‍👧", 1, 1)]
    [InlineData("🇩🇪🇫🇷", 2, 2)]
    [InlineData("a\r\nb", 3, 2)]
    public void Counts_characters_as_readers_do(string text, int all, int withoutSpaces) =>
        Assert.Equal((all, withoutSpaces), TextScanner.Characters(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("one", 1)]
    [InlineData("one\n", 1)]
    [InlineData("one\ntwo", 2)]
    [InlineData("one\r\ntwo\r\n", 2)]
    [InlineData("\n\n", 2)]
    [InlineData("a\u2028b", 2)]
    public void Counts_lines(string text, int expected) => Assert.Equal(expected, TextScanner.Lines(text));

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("...", 0, 0)]
    [InlineData("Hello", 1, 1)]
    [InlineData("Hello. World!", 2, 1)]
    [InlineData("Really?! Yes...", 2, 1)]
    [InlineData("Pi is 3.14. See example.org.", 2, 1)]
    [InlineData("A heading\n\nA text\nof two lines.", 2, 2)]
    [InlineData("one\r\n\r\ntwo", 2, 2)]
    [InlineData("one\n  \n\n two", 2, 2)]
    [InlineData("これは文です。もう一つ。", 2, 1)]
    public void Counts_sentences_and_paragraphs(string text, int sentences, int paragraphs) =>
        Assert.Equal((sentences, paragraphs), TextScanner.Sentences(text));

    [Fact]
    public async Task Gives_the_statistics()
    {
        var output = await CountAsync("The cat saw the other cat.\nThe end", top: 2);

        Assert.Equal(
            (8, 5, 34, 27, 2, 2, 1, 3.25, "other"),
            (
                output.Words,
                output.DistinctWords,
                output.Characters,
                output.CharactersWithoutSpaces,
                output.Lines,
                output.Sentences,
                output.Paragraphs,
                output.AverageWordLength,
                output.LongestWord));
        Assert.Equal([new WordFrequency("the", 3), new WordFrequency("cat", 2)], output.TopWords);
    }

    [Fact]
    public async Task Words_of_equal_frequency_are_in_alphabetical_order() =>
        Assert.Equal(["a", "b", "c"], (await CountAsync("c b a", top: 10)).TopWords.Select(word => word.Word));

    [Fact]
    public async Task An_empty_text_has_nothing()
    {
        var output = await CountAsync("", top: 10);

        Assert.Equal((0, 0, 0, 0d, null), (output.Words, output.Characters, output.Lines, output.AverageWordLength, output.LongestWord));
    }

    private static Task<WordCountOutput> CountAsync(string text, int top) =>
        new WordCountHandler().HandleAsync(new WordCountInput { Text = text, Top = top }, new JobContext("job", 1), default);
}
