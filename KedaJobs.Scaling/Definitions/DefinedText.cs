using System.Text.Json;
using System.Text.Json.Serialization;

namespace KedaJobs.Scaling.Definitions;

/// <summary>A part of a <see cref="DefinedText"/>.</summary>
public abstract record TextPart
{
    private TextPart()
    {
    }

    /// <summary>Literal text of the declaration.</summary>
    /// <param name="Text">The text.</param>
    public sealed record Literal(string Text) : TextPart;

    /// <summary>A value that is given at deployment and is not secret.</summary>
    /// <param name="Name">The name of the parameter in the AppHost.</param>
    public sealed record Parameter(string Name) : TextPart;

    /// <summary>A secret that is given at deployment.</summary>
    /// <param name="Name">The name of the parameter in the AppHost, never its value.</param>
    public sealed record Secret(string Name) : TextPart;

    /// <summary>An output of another resource that is known once it is deployed, for instance <c>store.outputs.name</c>.</summary>
    /// <param name="Expression">The reference as Aspire's manifest writes it, without braces.</param>
    public sealed record Reference(string Expression) : TextPart;
}

/// <summary>
/// Text that can hold named references. In JSON it is a string; or <c>{"parameter": NAME}</c>, <c>{"secret": NAME}</c>,
/// <c>{"reference": EXPRESSION}</c>; or a list of these.
/// </summary>
[JsonConverter(typeof(DefinedTextConverter))]
public sealed class DefinedText : IEquatable<DefinedText>
{
    /// <summary>Joins parts. Neighboring literals become one, and empty ones are dropped.</summary>
    /// <param name="parts">The parts in order.</param>
    public DefinedText(IEnumerable<TextPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var joined = new List<TextPart>();
        foreach (var part in parts)
        {
            if (part is not TextPart.Literal literal)
            {
                joined.Add(part);
            }
            else if (literal.Text.Length > 0)
            {
                if (joined is [.., TextPart.Literal before])
                {
                    joined[^1] = new TextPart.Literal(before.Text + literal.Text);
                }
                else
                {
                    joined.Add(literal);
                }
            }
        }

        Parts = joined;
    }

    /// <summary>The parts in order; none for the empty text.</summary>
    public IReadOnlyList<TextPart> Parts { get; }

    /// <summary>The text if it holds no reference; otherwise null.</summary>
    public string? Fixed => Parts switch
    {
        [] => "",
        [TextPart.Literal only] => only.Text,
        _ => null,
    };

    /// <summary>The names of the secrets in it, each once.</summary>
    public IEnumerable<string> Secrets => Parts.OfType<TextPart.Secret>().Select(secret => secret.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Text without references.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator DefinedText(string text) => new([new TextPart.Literal(text)]);

    /// <inheritdoc/>
    public bool Equals(DefinedText? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DefinedText);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);

    /// <summary>The text for people, with references in braces.</summary>
    /// <returns>For instance <c>https://{store.outputs.name}/in</c>.</returns>
    public override string ToString() => string.Concat(Parts.Select(part => part switch
    {
        TextPart.Literal literal => literal.Text,
        TextPart.Parameter parameter => $"{{{parameter.Name}}}",
        TextPart.Secret secret => $"{{{secret.Name}}}",
        TextPart.Reference reference => $"{{{reference.Expression}}}",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    }));
}

/// <summary>See <see cref="DefinedText"/> for the shape.</summary>
internal sealed class DefinedTextConverter : JsonConverter<DefinedText>
{
    public override DefinedText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new([Part(ref reader)]);
        }

        var parts = new List<TextPart>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            parts.Add(Part(ref reader));
        }

        return new(parts);
    }

    public override void Write(Utf8JsonWriter writer, DefinedText value, JsonSerializerOptions options)
    {
        if (value.Fixed is { } text)
        {
            writer.WriteStringValue(text);
        }
        else if (value.Parts is [var only])
        {
            Write(writer, only);
        }
        else
        {
            writer.WriteStartArray();
            foreach (var part in value.Parts)
            {
                Write(writer, part);
            }

            writer.WriteEndArray();
        }
    }

    private static TextPart Part(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new TextPart.Literal(reader.GetString()!);
        }

        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            throw new JsonException();
        }

        var kind = reader.GetString();
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException();
        }

        var name = reader.GetString()!;
        if (!reader.Read() || reader.TokenType != JsonTokenType.EndObject)
        {
            throw new JsonException();
        }

        return kind switch
        {
            "parameter" => new TextPart.Parameter(name),
            "secret" => new TextPart.Secret(name),
            "reference" => new TextPart.Reference(name),
            _ => throw new JsonException(),
        };
    }

    private static void Write(Utf8JsonWriter writer, TextPart part)
    {
        if (part is TextPart.Literal literal)
        {
            writer.WriteStringValue(literal.Text);
            return;
        }

        var (kind, name) = part switch
        {
            TextPart.Parameter parameter => ("parameter", parameter.Name),
            TextPart.Secret secret => ("secret", secret.Name),
            TextPart.Reference reference => ("reference", reference.Expression),
            _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
        };
        writer.WriteStartObject();
        writer.WriteString(kind, name);
        writer.WriteEndObject();
    }
}
