using System.Runtime.CompilerServices;

namespace Azure.Provisioning.Expressions;

[InterpolatedStringHandler]
public ref struct BicepInterpolatedStringHandler
{
    private readonly List<BicepExpression> _parts;

    public BicepInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        _parts = new List<BicepExpression>((formattedCount * 2) + 1);
    }

    public static implicit operator BicepInterpolatedStringHandler(FormattableString formattable)
    {
        var handler = new BicepInterpolatedStringHandler(0, formattable.ArgumentCount);
        handler.AppendFormattable(formattable);
        return handler;
    }

    public readonly void AppendLiteral(string text)
    {
        // Neighbouring texts are one text; an empty one is nothing.
        if (text.Length == 0)
        {
            return;
        }

        if (_parts.Count > 0 && _parts[^1] is StringLiteralExpression last)
        {
            _parts[^1] = new StringLiteralExpression(last.Value + text);
        }
        else
        {
            _parts.Add(new StringLiteralExpression(text));
        }
    }

    public readonly void AppendFormatted<T>(T t)
    {
        switch (t)
        {
            case null:
                break;
            case FormattableString formattable:
                AppendFormattable(formattable);
                break;
            case IBicepValue value:
                AppendExpression(value.Compile());
                break;
            case BicepExpression expression:
                AppendExpression(expression);
                break;
            default:
                AppendLiteral(Literals.ToText(t));
                break;
        }
    }

    internal readonly BicepValue<string> Build() => _parts switch
    {
        [] => new BicepValue<string>(""),
        [StringLiteralExpression text] => new BicepValue<string>(text.Value),
        _ => new BicepValue<string>(new InterpolatedStringExpression([.. _parts])),
    };

    private readonly void AppendExpression(BicepExpression expression)
    {
        switch (expression)
        {
            case StringLiteralExpression text:
                AppendLiteral(text.Value);
                break;
            case InterpolatedStringExpression nested:
                foreach (var part in nested.Values)
                {
                    AppendExpression(part);
                }

                break;
            default:
                _parts.Add(expression);
                break;
        }
    }

    private readonly void AppendFormattable(FormattableString formattable)
    {
        // Placeholders of a composite format are "{0}", "{1:x}", ...; doubled braces stand for themselves.
        var format = formattable.Format;
        var start = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] is not ('{' or '}'))
            {
                continue;
            }

            AppendLiteral(format[start..i]);
            if (i + 1 < format.Length && format[i + 1] == format[i])
            {
                AppendLiteral(format[i].ToString());
                i++;
            }
            else
            {
                var end = format.IndexOf('}', i);
                var index = format[(i + 1)..end].Split(':', ',')[0];
                AppendFormatted(formattable.GetArgument(int.Parse(index, System.Globalization.CultureInfo.InvariantCulture)));
                i = end;
            }

            start = i + 1;
        }

        AppendLiteral(format[start..]);
    }
}
