using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>
/// Values of the application model as texts with named references: no value of any parameter is read. A parameter becomes its name, an
/// output of another resource becomes its expression in the manifest.
/// </summary>
internal static class DefinedTexts
{
    /// <returns>
    /// The text; null for what has no place in one: a value that depends on a condition, a reference in a
    /// format of its own, and what is no text at all.
    /// </returns>
    public static DefinedText? Of(object? value) => Parts(value) is { } parts ? new(parts) : null;

    // Parameters come before connection strings, because one that holds a connection string refers to itself.
    private static List<TextPart>? Parts(object? value) => value switch
    {
        string text => [new TextPart.Literal(text)],
        ParameterResource { Secret: true } secret => [new TextPart.Secret(secret.Name)],
        ParameterResource parameter => [new TextPart.Parameter(parameter.Name)],
        ConnectionStringReference { Resource: ParameterResource parameter } => Parts(parameter),
        ConnectionStringReference reference => Parts(reference.Resource.ConnectionStringExpression),
        IResourceWithConnectionString resource => Parts(resource.ConnectionStringExpression),
        ReferenceExpression { IsConditional: true } => null,
        ReferenceExpression expression => Parts(expression),
        IManifestExpressionProvider { ValueExpression: ['{', .. var expression, '}'] } when !expression.Contains(
            '{', StringComparison.Ordinal) =>
            [new TextPart.Reference(expression)],
        _ => null,
    };

    private static List<TextPart>? Parts(ReferenceExpression expression)
    {
        var holes = expression.ValueProviders.Select(Parts).ToList();
        if (holes.Any(hole => hole is null) || expression.StringFormats.Any(format => format is not null))
        {
            return null;
        }

        var parts = new List<TextPart>();
        foreach (var (text, hole) in Split(expression.Format))
        {
            parts.Add(new TextPart.Literal(text));
            if (hole is { } index)
            {
                parts.AddRange(holes[index]!);
            }
        }

        return parts;
    }

    /// <summary>Splits a composite format, "a{0}b{{1}}" for instance, into its texts and the holes that follow them.</summary>
    private static IEnumerable<(string Text, int? Hole)> Split(string format)
    {
        var text = new StringBuilder();
        for (var index = 0; index < format.Length; index++)
        {
            var character = format[index];
            if (character is not ('{' or '}'))
            {
                text.Append(character);
            }
            else if (index + 1 < format.Length && format[index + 1] == character)
            {
                text.Append(character);
                index++;
            }
            else
            {
                var end = format.IndexOf('}', index);
                yield return (
                    text.ToString(), int.Parse(format.AsSpan(index + 1, end - index - 1), NumberStyles.None, CultureInfo.InvariantCulture));
                text.Clear();
                index = end;
            }
        }

        yield return (text.ToString(), null);
    }
}
