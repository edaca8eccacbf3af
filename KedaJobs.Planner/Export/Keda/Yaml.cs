using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KedaJobs.Planner.Export.Keda;

/// <summary>Builds and writes YAML documents.</summary>
internal static class Yaml
{
    /// <summary>A mapping of the items that are not null, in this order.</summary>
    public static YamlMappingNode Map(params ReadOnlySpan<(string Key, YamlNode? Value)> items)
    {
        var map = new YamlMappingNode();
        foreach (var (key, value) in items)
        {
            if (value is not null)
            {
                map.Add(Text(key), value);
            }
        }

        return map;
    }

    public static YamlSequenceNode List(IEnumerable<YamlNode> items) => new(items);

    public static YamlScalarNode Number(int value) => new(value.ToString(CultureInfo.InvariantCulture));

    public static YamlScalarNode Boolean(bool value) => new(value ? "true" : "false");

    /// <summary>Text. Plain words stay bare; anything that YAML could misread is quoted.</summary>
    public static YamlScalarNode Text(string value) => new(value) { Style = IsBare(value) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted };

    /// <summary>Text that is always quoted: values that users recognize as strings.</summary>
    public static YamlScalarNode Quoted(string value) => new(value) { Style = ScalarStyle.DoubleQuoted };

    /// <summary>The documents, below comment lines.</summary>
    public static string Write(IEnumerable<string> comments, IEnumerable<YamlNode> documents)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        foreach (var comment in comments)
        {
            writer.WriteLine($"# {Omissions.OneLine(comment)}");
        }

        foreach (var document in documents)
        {
            writer.WriteLine("---");
            writer.Write(Write(document));
        }

        return writer.ToString();
    }

    private static string Write(YamlNode document)
    {
        const string EndOfDocument = "...\n";
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        var emitter = new Emitter(writer, EmitterSettings.Default.WithBestWidth(int.MaxValue).WithIndentedSequences().WithNewLine("\n"));
        new YamlStream(new YamlDocument(document)).Save(emitter, assignAnchors: false);
        var text = writer.ToString();
        return text.EndsWith(EndOfDocument, StringComparison.Ordinal) ? text[..^EndOfDocument.Length] : text;
    }

    private static bool IsBare(string value) =>
        value.Length > 0
        && char.IsAsciiLetter(value[0])
        && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '/' or '_')
        && value.ToLowerInvariant() is not ("true" or "false" or "yes" or "no" or "on" or "off" or "null" or "y" or "n");
}
