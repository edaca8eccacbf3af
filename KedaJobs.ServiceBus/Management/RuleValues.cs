using System.Xml.Linq;
using KedaJobs.ServiceBus.Entities.Topics.Rules;
using static KedaJobs.ServiceBus.Management.AtomReader;
using static KedaJobs.ServiceBus.Management.AtomWriter;

namespace KedaJobs.ServiceBus.Management;

/// <summary>
/// Parameters and properties of filters and actions, each with its type:
/// <code><![CDATA[
/// <KeyValueOfstringanyType>
///   <Key>color</Key>
///   <Value i:type="d6p1:string" xmlns:d6p1="...">red</Value>
/// </KeyValueOfstringanyType>
/// ]]></code>
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
        var name = type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var text = Text(value);
        try
        {
            return RuleValueText.Read(name.Length == 0 ? "string" : name, text)
                ?? throw new EntryFormatException($"'{key}' has a value of type {name}; use {RuleValueText.Types}.");
        }
        catch (FormatException)
        {
            throw new EntryFormatException($"'{key}': '{text}' is not of type {type}.");
        }
    }

    private static XElement Write(object value)
    {
        var (type, text) = RuleValueText.Write(value);
        return new XElement(
            Description + "Value",
            new XAttribute(Instance + "type", $"{Prefix}:{type}"),
            new XAttribute(XNamespace.Xmlns + Prefix, type is "duration" or "guid" ? Serialization : Schema),
            text);
    }
}
