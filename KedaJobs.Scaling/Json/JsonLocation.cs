using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KedaJobs.Scaling.Json;

/// <summary>Finds where in a document a field stands. Only needed once something is wrong.</summary>
internal static class JsonLocation
{
    /// <summary>The line and the column, both from 1, of the field or of the nearest thing around it that is there.</summary>
    /// <param name="utf8">A document that is JSON.</param>
    /// <param name="field">A path like <c>triggers[0].length</c>.</param>
    public static (int Line, int Column) Of(ReadOnlySpan<byte> utf8, string field)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        var offset = reader.TokenStartIndex;
        foreach (var step in field.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!(step[^1] == ']' ? EnterElement(ref reader, step[..^1]) : EnterProperty(ref reader, step)))
            {
                break;
            }

            offset = reader.TokenStartIndex;
        }

        var before = utf8[..(int)offset];
        return (1 + before.Count((byte)'\n'), before.Length - before.LastIndexOf((byte)'\n'));
    }

    private static bool EnterProperty(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(Encoding.UTF8.GetBytes(name));
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool EnterElement(ref Utf8JsonReader reader, string index)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        var rest = int.Parse(index, CultureInfo.InvariantCulture);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rest-- == 0)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
