using System.Globalization;
using System.Text;

namespace KedaJobs.Worker.Handlers;

/// <summary>Words, sentences, lines and characters of a text in any script, by the spirit of Unicode's UAX #29.</summary>
internal static class TextScanner
{
    private const string Apostrophes = "'\u2019";
    private const string Hyphens = "-\u2010\u2011";

    /// <summary>. ! ? and their kin: ellipsis, ideographic, full-width, Arabic, Urdu, Devanagari.</summary>
    private const string SentenceEnds = ".!?\u2026\u3002\uFF01\uFF1F\uFF0E\u061F\u06D4\u0964\u0965";

    public static IEnumerable<string> Words(string text)
    {
        var start = -1;
        for (var index = 0; index < text.Length;)
        {
            var rune = RuneAt(text, index);
            var next = index + rune.Utf16SequenceLength;
            if (IsIdeograph(rune))
            {
                if (start >= 0)
                {
                    yield return text[start..index];
                    start = -1;
                }

                yield return text[index..next];
            }
            else if (IsPartOfWord(rune))
            {
                // A mark belongs to what is before it: it starts no word.
                start = start < 0 && !IsMark(rune) ? index : start;
            }
            else if (start >= 0 && !(IsJoiner(text[index]) && next < text.Length && IsPartOfWord(RuneAt(text, next))))
            {
                yield return text[start..index];
                start = -1;
            }

            index = next;
        }

        if (start >= 0)
        {
            yield return text[start..];
        }
    }

    /// <summary>Grapheme clusters: what a reader takes for one character. A CR LF is one.</summary>
    public static (int All, int WithoutSpaces) Characters(string text)
    {
        int all = 0, spaces = 0;
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var length = StringInfo.GetNextTextElementLength(rest);
            all++;
            spaces += char.IsWhiteSpace(rest[0]) ? 1 : 0;
            rest = rest[length..];
        }

        return (all, all - spaces);
    }

    public static int Lines(string text)
    {
        var lines = 0;
        foreach (var _ in text.AsSpan().EnumerateLines())
        {
            lines++;
        }

        return text.Length == 0 || EndsInLineBreak(text) ? lines - 1 : lines;
    }

    public static (int Sentences, int Paragraphs) Sentences(string text)
    {
        int sentences = 0, paragraphs = 0;
        bool inSentence = false, inParagraph = false, lineHasText = false;
        for (var index = 0; index < text.Length;)
        {
            var rune = RuneAt(text, index);
            var next = index + rune.Utf16SequenceLength;
            if (Rune.IsLetterOrDigit(rune))
            {
                sentences += inSentence ? 0 : 1;
                paragraphs += inParagraph ? 0 : 1;
                inSentence = inParagraph = true;
            }
            else if (SentenceEnds.Contains(text[index]) && !IsInsideWord(text, index, next))
            {
                inSentence = false;
            }
            else if (IsLineBreak(text, index))
            {
                // A blank line ends the paragraph, and with it a sentence without a full stop, such as a heading.
                (inSentence, inParagraph) = lineHasText ? (inSentence, inParagraph) : (false, false);
                lineHasText = false;
            }

            lineHasText |= !Rune.IsWhiteSpace(rune);
            index = next;
        }

        return (sentences, paragraphs);
    }

    /// <summary>Half of a surrogate pair counts as the replacement character.</summary>
    private static Rune RuneAt(string text, int index) =>
        Rune.TryGetRuneAt(text, index, out var rune) ? rune : Rune.ReplacementChar;

    private static bool IsPartOfWord(Rune rune) => Rune.IsLetterOrDigit(rune) || IsMark(rune) || rune.Value == '_';

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static bool IsJoiner(char character) => Apostrophes.Contains(character) || Hyphens.Contains(character);

    /// <summary>Scripts without spaces between words: Han and Hiragana (Katakana runs are words of their own).</summary>
    private static bool IsIdeograph(Rune rune) => rune.Value is
        (>= 0x3041 and <= 0x3096) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000
            and <= 0x3FFFF);

    /// <summary>The dot of "3.14" or "example.org" ends no sentence. Ideographic stops always do.</summary>
    private static bool IsInsideWord(string text, int index, int next) =>
        text[index] == '.' && index > 0 && next < text.Length && char.IsLetterOrDigit(text[index - 1]) && char.IsLetterOrDigit(text[next]);

    private static bool IsLineBreak(string text, int index) =>
        text[index] is '\n' or '\f' or '\u0085' or '\u2028' or '\u2029'
        || (text[index] == '\r' && (index + 1 == text.Length || text[index + 1] != '\n'));

    private static bool EndsInLineBreak(string text) => text[^1] is '\r' or '\n' or '\f' or '\u0085' or '\u2028' or '\u2029';
}
