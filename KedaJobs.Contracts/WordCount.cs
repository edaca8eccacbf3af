using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KedaJobs.Contracts;

/// <summary>Input of the task "wordcount".</summary>
public sealed record WordCountInput
{
    /// <summary>The document. Required, may be empty; its size is limited by what a message may hold.</summary>
    [Required(AllowEmptyStrings = true, ErrorMessage = "is missing: the document to count.")]
    [Description("The document to count.")]
    public string? Text { get; set; }

    /// <summary>How many of the most frequent words to name: 0 to 100, default 10.</summary>
    [Range(0, 100, ErrorMessage = "must be from {1} to {2}.")]
    [DefaultValue(10)]
    [Description("How many of the most frequent words to name.")]
    public int Top { get; set; } = 10;
}

/// <summary>Output of the task "wordcount".</summary>
public sealed record WordCountOutput
{
    /// <summary>
    /// Words: runs of letters, digits and marks, with apostrophes and hyphens inside; in Chinese and Japanese each ideograph is one.
    /// </summary>
    public required int Words { get; init; }

    /// <summary>Different words, upper and lower case being the same.</summary>
    public required int DistinctWords { get; init; }

    /// <summary>Characters as a reader counts them (grapheme clusters of UAX #29), line breaks included.</summary>
    public required int Characters { get; init; }

    /// <summary>Characters that are not white space.</summary>
    public required int CharactersWithoutSpaces { get; init; }

    /// <summary>Lines; a line break at the very end starts no further one.</summary>
    public required int Lines { get; init; }

    /// <summary>Sentences: stretches with a word in them that end in . ! ? or their kin of other scripts, or with the paragraph.</summary>
    public required int Sentences { get; init; }

    /// <summary>Paragraphs: stretches with a word in them, parted by blank lines.</summary>
    public required int Paragraphs { get; init; }

    /// <summary>Characters of a word on average; 0 without words.</summary>
    public required double AverageWordLength { get; init; }

    /// <summary>The longest word, the first of several; null without words.</summary>
    public required string? LongestWord { get; init; }

    /// <summary>The most frequent words in lower case, most frequent first, then in alphabetical order.</summary>
    public required IReadOnlyList<WordFrequency> TopWords { get; init; }
}

/// <summary>A word and how often it occurs.</summary>
/// <param name="Word">The word in lower case.</param>
/// <param name="Count">How often it occurs.</param>
public sealed record WordFrequency(string Word, int Count);
