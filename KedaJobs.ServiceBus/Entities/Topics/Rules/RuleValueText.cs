using System.Xml;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules;

/// <summary>
/// A parameter or property of a rule as text, with the name of its type in XML schemas (W3C: "XML Schema Part 2:
/// Datatypes"), so that it can be kept and read again.
/// </summary>
internal static class RuleValueText
{
    /// <summary>The types' names, for messages.</summary>
    public const string Types = "string, int, long, double, boolean, dateTime, duration or guid";

    /// <summary>A value's type and text. A number of a type without a name here becomes a wider one, which compares equal.</summary>
    public static (string Type, string Text) Write(object value) => value switch
    {
        bool boolean => ("boolean", XmlConvert.ToString(boolean)),
        sbyte or byte or short or ushort or int => ("int", XmlConvert.ToString(Convert.ToInt32(value, null))),
        uint number => ("long", XmlConvert.ToString(number)),
        long number => ("long", XmlConvert.ToString(number)),
        ulong and <= long.MaxValue => ("long", XmlConvert.ToString((ulong)value)),
        float or double or ulong => ("double", XmlConvert.ToString(Convert.ToDouble(value, null))),
        DateTime time => ("dateTime", XmlConvert.ToString(time, XmlDateTimeSerializationMode.Utc)),
        DateTimeOffset time => ("dateTime", XmlConvert.ToString(time.UtcDateTime, XmlDateTimeSerializationMode.Utc)),
        TimeSpan duration => ("duration", XmlConvert.ToString(duration)),
        Guid id => ("guid", XmlConvert.ToString(id)),
        Uri uri => ("string", uri.OriginalString),
        _ => ("string", value.ToString() ?? ""),
    };

    /// <summary>Reads what <see cref="Write"/> wrote; null for a type that is unknown.</summary>
    /// <exception cref="FormatException">The text is not of the type.</exception>
    public static object? Read(string type, string text)
    {
        try
        {
            return type switch
            {
                "string" => text,
                "int" => XmlConvert.ToInt32(text),
                "long" => XmlConvert.ToInt64(text),
                "double" => XmlConvert.ToDouble(text),
                "boolean" => XmlConvert.ToBoolean(text),
                "dateTime" => XmlConvert.ToDateTime(text, XmlDateTimeSerializationMode.Utc),
                "duration" => XmlConvert.ToTimeSpan(text),
                "guid" => XmlConvert.ToGuid(text),
                _ => null,
            };
        }
        catch (OverflowException tooLarge)
        {
            throw new FormatException(tooLarge.Message, tooLarge);
        }
    }
}
