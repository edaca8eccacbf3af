namespace KedaJobs.Hosting.Checks;

/// <summary>What a misspelt name was meant to be.</summary>
internal static class Spelling
{
    /// <summary>
    /// The name that is nearest to what was written, if it is close enough to be a typo: other case, or one or two letters.
    /// </summary>
    public static string? Nearest(string written, IEnumerable<string> names)
    {
        var tolerance = written.Length <= 4 ? 1 : 2;
        return names
            .Select(name => (Name: name, Distance: Distance(written.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= tolerance)
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    /// <summary>Letters to insert, to remove, to replace, or neighbors to swap (optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Step(i, j);
            }
        }

        return rows[left.Length, right.Length];

        int Step(int i, int j)
        {
            var replaced = rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            var best = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
            return i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]
                ? Math.Min(best, rows[i - 2, j - 2] + 1)
                : best;
        }
    }
}
