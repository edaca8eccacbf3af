using KedaJobs.Contracts;
using KedaJobs.Jobs;

namespace KedaJobs.Worker.Handlers;

/// <summary>Statistics of a text.</summary>
internal sealed class WordCountHandler : IJobHandler<WordCountInput, WordCountOutput>
{
    public Task<WordCountOutput> HandleAsync(WordCountInput input, JobContext job, CancellationToken cancellationToken)
    {
        var text = input.Text!;
        var frequencies = new Dictionary<string, int>(StringComparer.Ordinal);
        string? longest = null;
        int words = 0, lettersInWords = 0, longestLength = 0;
        foreach (var word in TextScanner.Words(text))
        {
            words++;
            var length = TextScanner.Characters(word).All;
            lettersInWords += length;
            if (length > longestLength)
            {
                (longest, longestLength) = (word, length);
            }

            var folded = word.ToLowerInvariant();
            frequencies[folded] = frequencies.GetValueOrDefault(folded) + 1;
            cancellationToken.ThrowIfCancellationRequested();
        }

        var (characters, withoutSpaces) = TextScanner.Characters(text);
        var (sentences, paragraphs) = TextScanner.Sentences(text);
        return Task.FromResult(new WordCountOutput
        {
            Words = words,
            DistinctWords = frequencies.Count,
            Characters = characters,
            CharactersWithoutSpaces = withoutSpaces,
            Lines = TextScanner.Lines(text),
            Sentences = sentences,
            Paragraphs = paragraphs,
            AverageWordLength = words == 0 ? 0 : Math.Round((double)lettersInWords / words, 2),
            LongestWord = longest,
            TopWords =
            [
                .. frequencies
                    .Select(entry => new WordFrequency(entry.Key, entry.Value))
                    .OrderByDescending(word => word.Count)
                    .ThenBy(word => word.Word, StringComparer.Ordinal)
                    .Take(input.Top),
            ],
        });
    }
}
