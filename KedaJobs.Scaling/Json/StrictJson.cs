using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Scaling.Json;

/// <summary>Reads JSON documents and describes in one line what is wrong with them.</summary>
public static partial class StrictJson
{
    /// <summary>Reads a document.</summary>
    /// <typeparam name="T">What the document describes.</typeparam>
    /// <param name="utf8">The document; a byte order mark is skipped.</param>
    /// <param name="typeInfo">How to read it, from a source-generated context that refuses unknown and repeated fields.</param>
    /// <returns>The value.</returns>
    /// <exception cref="JsonInputException">It is not JSON, or not of the type's shape.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        try
        {
            return JsonSerializer.Deserialize(WithoutByteOrderMark(utf8), typeInfo)
                ?? throw new JsonInputException(1, "", "must be an object, not null");
        }
        catch (JsonException exception)
        {
            throw Translate(exception, typeInfo);
        }
    }

    /// <summary>Creates the exception for a value that has the right type but is invalid.</summary>
    /// <param name="utf8">The document, which must be JSON.</param>
    /// <param name="field">The field's path, for instance <c>triggers[0].length</c>.</param>
    /// <param name="problem">What is wrong and what to write.</param>
    /// <returns>The exception, with the line and column of the field, or of the nearest field.</returns>
    public static JsonInputException Wrong(ReadOnlySpan<byte> utf8, string field, string problem)
    {
        ArgumentNullException.ThrowIfNull(field);
        var (line, column) = JsonLocation.Of(WithoutByteOrderMark(utf8), field);
        return new(line, field, problem, column);
    }

    private static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("\uFEFF"u8) ? utf8["\uFEFF"u8.Length..] : utf8;

    private static JsonInputException Translate(JsonException exception, JsonTypeInfo typeInfo)
    {
        var line = 1 + (int)(exception.LineNumber ?? 0);
        var column = 1 + (int)(exception.BytePositionInLine ?? 0);
        var field = (exception.Path ?? "").TrimStart('$').TrimStart('.');
        if (exception.InnerException is JsonException)
        {
            return new(line, field, $"is not JSON: {Where().Replace(exception.Message, "").TrimEnd()}", column);
        }

        if (Missing().Match(exception.Message) is { Success: true } missing)
        {
            var name = missing.Groups[1].Value;
            return new(line, field.Length == 0 ? name : $"{field}.{name}", "is missing", column);
        }

        if (Unknown().Match(exception.Message) is { Success: true } unknown)
        {
            return new(line, field, $"there is no field '{unknown.Groups[1].Value}'", column);
        }

        if (Repeated().Match(exception.Message) is { Success: true } repeated)
        {
            return new(line, field, $"the field '{repeated.Groups[1].Value}' appears twice", column);
        }

        return new(line, field, $"must be {ExpectedAt(typeInfo, field)}", column);
    }

    private static string ExpectedAt(JsonTypeInfo typeInfo, string field)
    {
        foreach (var step in field.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            var type = typeInfo.ElementType ?? typeInfo.Properties.FirstOrDefault(property => property.Name == step)?.PropertyType;
            if (type is null)
            {
                break;
            }

            typeInfo = typeInfo.Options.GetTypeInfo(type);
        }

        return typeInfo.Kind switch
        {
            JsonTypeInfoKind.Enumerable => "an array",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            _ => Scalar(Nullable.GetUnderlyingType(typeInfo.Type) ?? typeInfo.Type),
        };
    }

    private static string Scalar(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type == typeof(DefinedText) =>
            "text, a reference ({\"parameter\": NAME}, {\"secret\": NAME} or {\"reference\": EXPRESSION}), or a list of these",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}",
        TypeCode.Int64 or TypeCode.Int32 => "a whole number, and not too large",
        TypeCode.Decimal or TypeCode.Double => "a number",
        TypeCode.Boolean => "true or false",
        _ => "a string",
    };

    // System.Text.Json tells these kinds of errors apart by their texts alone; what does not match any is of the wrong type.
    [GeneratedRegex("missing required properties including: '([^']*)'")]
    private static partial Regex Missing();

    [GeneratedRegex("The JSON property '([^']*)' could not be mapped")]
    private static partial Regex Unknown();

    [GeneratedRegex("Duplicate property '([^']*)' encountered")]
    private static partial Regex Repeated();

    [GeneratedRegex(@" ?(Path: \S+ \| )?LineNumber: \d+ \| BytePositionInLine: \d+\.")]
    private static partial Regex Where();
}
