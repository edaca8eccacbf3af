namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>The pattern of LIKE: <c>%</c> for any characters, <c>_</c> for one, each for itself after the escape character.</summary>
internal static class LikePattern
{
    public static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern, char? escape)
    {
        // Where the last % was seen: on a mismatch it takes one character more. Without looking further
        // back the time is text times pattern at most.
        var (retryPattern, retryText) = (-1, 0);
        var (inText, inPattern) = (0, 0);
        while (inText < text.Length)
        {
            if (inPattern < pattern.Length && pattern[inPattern] == '%' && pattern[inPattern] != escape)
            {
                (retryPattern, retryText) = (++inPattern, inText);
            }
            else if (inPattern < pattern.Length && MatchesOne(text[inText], pattern, ref inPattern, escape))
            {
                inText++;
            }
            else if (retryPattern >= 0)
            {
                (inPattern, inText) = (retryPattern, ++retryText);
            }
            else
            {
                return false;
            }
        }

        while (inPattern < pattern.Length && pattern[inPattern] == '%' && pattern[inPattern] != escape)
        {
            inPattern++;
        }

        return inPattern == pattern.Length;
    }

    /// <summary>Whether each escape character stands before a character.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> pattern, char? escape)
    {
        for (var index = 0; index < pattern.Length; index++)
        {
            if (pattern[index] == escape && ++index == pattern.Length)
            {
                return false;
            }
        }

        return true;
    }

    private static bool MatchesOne(char character, ReadOnlySpan<char> pattern, ref int inPattern, char? escape)
    {
        if (pattern[inPattern] == escape)
        {
            if (pattern[inPattern + 1] != character)
            {
                return false;
            }

            inPattern += 2;
            return true;
        }

        if (pattern[inPattern] != '_' && pattern[inPattern] != character)
        {
            return false;
        }

        inPattern++;
        return true;
    }
}
