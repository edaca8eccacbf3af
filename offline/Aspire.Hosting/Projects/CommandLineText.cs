using System.Text;

namespace Aspire.Hosting.Projects;

/// <summary>Splits the text of a launch profile's arguments as a shell would: at spaces, except between quotation marks.</summary>
internal static class CommandLineText
{
    public static string[] Split(string text)
    {
        List<string> parts = [];
        var part = new StringBuilder();
        var inQuotes = false;
        var isOpen = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && text[i + 1] == '"')
            {
                part.Append('"');
                isOpen = true;
                i++;
            }
            else if (c == '"')
            {
                inQuotes = !inQuotes;
                isOpen = true;
            }
            else if (char.IsWhiteSpace(c) && !inQuotes)
            {
                Close();
            }
            else
            {
                part.Append(c);
                isOpen = true;
            }
        }

        Close();
        return [.. parts];

        void Close()
        {
            if (isOpen)
            {
                parts.Add(part.ToString());
                part.Clear();
                isOpen = false;
            }
        }
    }
}
