using System.Text;

namespace Azure.Provisioning.Expressions;

/// <summary>Bicep text: two spaces of indentation, one blank line between statements, an empty structure as "{ }".</summary>
internal sealed class BicepWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public static string Write(BicepExpression expression) => new BicepWriter().Append(expression)._text.ToString();

    public static string Write(BicepStatement statement)
    {
        var writer = new BicepWriter();
        statement.Write(writer);
        return writer._text.ToString();
    }

    public static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("'", "\\'", StringComparison.Ordinal)
        .Replace("${", "\\${", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal);

    public BicepWriter Append(char text)
    {
        _text.Append(text);
        return this;
    }

    public BicepWriter Append(string text)
    {
        _text.Append(text);
        return this;
    }

    public BicepWriter Append(BicepExpression expression)
    {
        expression.Write(this);
        return this;
    }

    /// <summary>Writes a part of a larger expression, in parentheses where its own operator could bind otherwise.</summary>
    public BicepWriter AppendOperand(BicepExpression expression) =>
        expression is BinaryExpression or ConditionalExpression
            ? Append('(').Append(expression).Append(')')
            : Append(expression);

    public BicepWriter AppendDecorators(IEnumerable<DecoratorExpression> decorators)
    {
        foreach (var decorator in decorators)
        {
            Append(decorator).Append('\n');
        }

        return this;
    }

    public BicepWriter AppendBlock(char open, BicepExpression[] lines, char close)
    {
        if (lines.Length == 0)
        {
            return Append(open).Append(' ').Append(close);
        }

        Append(open);
        _depth++;
        foreach (var line in lines)
        {
            NewLine().Append(line);
        }

        _depth--;
        return NewLine().Append(close);
    }

    private BicepWriter NewLine() => Append('\n').Append(new string(' ', _depth * 2));
}
