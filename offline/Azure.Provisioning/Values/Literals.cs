using System.Globalization;
using System.Reflection;
using System.Runtime.Serialization;
using System.Xml;
using Azure.Core;
using Azure.Provisioning.Expressions;

namespace Azure.Provisioning;

/// <summary>How .NET values are written in Bicep.</summary>
internal static class Literals
{
    public static BicepExpression ToExpression(object? literal) => literal switch
    {
        null => new NullLiteralExpression(),
        IBicepValue value => value.Compile(),
        bool flag => new BoolLiteralExpression(flag),
        int number => new IntLiteralExpression(number),
        long number => new LongLiteralExpression(number),
        // Bicep has no fractions: they travel as JSON.
        float or double or decimal =>
            BicepFunction.ParseJson(((IFormattable)literal).ToString(null, CultureInfo.InvariantCulture)).Compile(),
        IEnumerable<object> items => new ArrayExpression([.. items.Select(ToExpression)]),
        BinaryData => throw new NotSupportedException("Give JSON as an ObjectExpression: what a literal becomes depends on the version."),
        _ => new StringLiteralExpression(ToText(literal)),
    };

    public static string ToText(object? literal) => literal switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        TimeSpan duration => XmlConvert.ToString(duration),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        Guid guid => guid.ToString(),
        Uri uri => uri.AbsoluteUri,
        AzureLocation location => location.ToString(),
        Enum value => ToText(value),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => literal.ToString() ?? "",
    };

    private static string ToText(Enum value)
    {
        var name = value.ToString();
        return value.GetType().GetField(name)?.GetCustomAttribute<DataMemberAttribute>()?.Name ?? name;
    }
}
