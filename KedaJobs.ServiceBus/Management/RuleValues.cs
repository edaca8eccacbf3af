using System.Xml;
using System.Xml.Linq;
using static KedaJobs.ServiceBus.Management.AtomReader;
using static KedaJobs.ServiceBus.Management.AtomWriter;

namespace KedaJobs.ServiceBus.Management;

/// <summary>
/// Parameters and properties of filters and actions, each with its type:
/// <code><![CDATA[<KeyValueOfstringanyType><Key>color</Key><Value i:type="d6p1:string" xmlns:d6p1="...">red</Value></KeyValueOfstringanyType>]]></code>
/// </summary>
internal static class RuleValues
{
    /// <summary>Of four characters: the JavaScript client takes the type from the sixth on.</summary>
    private const string Prefix = "d6p1";

    private static readonly XNamespace Schema = "http://www.w3.org/2001/XMLSchema";
    private static readonly XNamespace Serialization = "http://schemas.microsoft.com/2003/10/Serialization/";

    public static IReadOnlyDictionary<string, object> Read(XElement? element)
    {
        var values = new Dictionary<string, object>();
        foreach (var pair in element?.Elements() ?? [])
        {
            var key = Child(pair, "Key");
            var value = Find(pair, "Value") ?? throw new EntryFormatException($"{element!.Name.LocalName}: '{key}' has no Value.");
            values[key] = Read(key, value);
        }

        return values;
    }

    public static XElement? Write(string name, IReadOnlyDictionary<string, object> values) => values.Count == 0 ? null : new XElement(
        Description + name,
        values.Select(value => new XElement(
            Description + "KeyValueOfstringanyType", Value("Key", value.Key), Write(value.Value))));

    private static object Read(string key, XElement value)
    {
        var type = value.Attribute(Instance + "type")?.Value ?? "";
        var text = Text(value);
        try
        {
            return type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..] switch
            {
                "string" or "" => text,
                "int" => XmlConvert.ToInt32(text),
                "long" => XmlConvert.ToInt64(text),
                "double" => XmlConvert.ToDouble(text),
                "boolean" => XmlConvert.ToBoolean(text),
                "dateTime" => XmlConvert.ToDateTime(text, XmlDateTimeSerializationMode.Utc),
                "duration" => XmlConvert.ToTimeSpan(text),
                "guid" => XmlConvert.ToGuid(text),
                var unknown => throw new EntryFormatException(
                    $"'{key}' has a value of type {unknown}; use string, int, long, double, boolean, dateTime, duration or guid."),
            };
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException)
        {
            throw new EntryFormatException($"'{key}': '{text}' is not of type {type}.");
        }
    }

    private static XElement Write(object value)
    {
        var (types, type, text) = value switch
        {
            string plain => (Schema, "string", plain),
            bool boolean => (Schema, "boolean", XmlConvert.ToString(boolean)),
            int number => (Schema, "int", XmlConvert.ToString(number)),
            long number => (Schema, "long", XmlConvert.ToString(number)),
            double number => (Schema, "double", XmlConvert.ToString(number)),
            float number => (Schema, "double", XmlConvert.ToString((double)number)),
            DateTime time => (Schema, "dateTime", XmlConvert.ToString(time, XmlDateTimeSerializationMode.Utc)),
            DateTimeOffset time => (Schema, "dateTime", XmlConvert.ToString(time.UtcDateTime, XmlDateTimeSerializationMode.Utc)),
            TimeSpan duration => (Serialization, "duration", XmlConvert.ToString(duration)),
            Guid id => (Serialization, "guid", XmlConvert.ToString(id)),
            _ => (Schema, "string", value.ToString() ?? ""),
        };
        return new XElement(
            Description + "Value",
            new XAttribute(Instance + "type", $"{Prefix}:{type}"),
            new XAttribute(XNamespace.Xmlns + Prefix, types),
            text);
    }
}
