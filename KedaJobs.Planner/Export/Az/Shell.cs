using System.Text;

namespace KedaJobs.Planner.Export.Az;

/// <summary>Words of a POSIX shell.</summary>
internal static class Shell
{
    /// <summary>One word with exactly this text.</summary>
    public static string Word(string text) =>
        text.Length > 0
            && text.All(character => char.IsAsciiLetterOrDigit(character) || "_-./:=@%+,".Contains(character, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>One word with variables in it.</summary>
    public static string Word(DeployedText text, Func<DeployedValue, string> variable) =>
        text.IsFixed
            ? Word(text.Render(literal => literal, variable))
            : $"\"{text.Render(Escape, value => $"${{{variable(value)}}}")}\"";

    /// <summary>Text inside double quotes: what the shell would expand is not expanded.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (character is '\\' or '"' or '$' or '`')
            {
                escaped.Append('\\');
            }

            escaped.Append(character);
        }

        return escaped.ToString();
    }
}
