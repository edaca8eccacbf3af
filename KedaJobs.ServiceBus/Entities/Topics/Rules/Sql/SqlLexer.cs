using System.Globalization;
using System.Text;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

internal enum SqlTokenKind : byte
{
    End,

    /// <summary>A word without delimiters: the name of a property, or a keyword.</summary>
    Word,

    /// <summary>A name in brackets or double quotation marks.</summary>
    Name,
    Text,
    Integer,
    Real,

    /// <summary>A parameter, without its <c>@</c>.</summary>
    Parameter,
    Symbol,
}

/// <summary>A piece of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Position">Where it begins, counted from 1.</param>
/// <param name="Text">Its text without delimiters; of != it is &lt;&gt;.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Position, string Text)
{
    public bool IsWord(string keyword) => Kind == SqlTokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind == SqlTokenKind.Symbol && Text == symbol;

    /// <summary>As an error message names it.</summary>
    public override string ToString() => Kind switch
    {
        SqlTokenKind.End => "the end",
        SqlTokenKind.Text => $"the text '{Text}'",
        SqlTokenKind.Name => $"[{Text}]",
        SqlTokenKind.Parameter => $"@{Text}",
        _ => $"'{Text}'",
    };
}

/// <summary>Takes the text of a filter or action apart.</summary>
internal sealed class SqlLexer(string text)
{
    private int _next;

    /// <exception cref="SqlSyntaxException">What stands here begins nothing, or does not end.</exception>
    public SqlToken Read()
    {
        while (_next < text.Length && char.IsWhiteSpace(text[_next]))
        {
            _next++;
        }

        var start = _next;
        if (start == text.Length)
        {
            return new SqlToken(SqlTokenKind.End, start + 1, "");
        }

        var first = text[start];
        return first switch
        {
            '\'' => Delimited(SqlTokenKind.Text, '\''),
            '"' => Delimited(SqlTokenKind.Name, '"'),
            '[' => Delimited(SqlTokenKind.Name, ']'),
            '@' => Parameter(),
            _ when char.IsLetter(first) => new SqlToken(SqlTokenKind.Word, start + 1, Word()),
            _ when char.IsAsciiDigit(first) || (first == '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])) => Number(),
            _ => Symbol(),
        };
    }

    /// <summary>A letter, then letters, digits and underscores.</summary>
    private string Word()
    {
        var start = _next;
        while (_next < text.Length && (char.IsLetterOrDigit(text[_next]) || text[_next] == '_'))
        {
            _next++;
        }

        return text[start.._next];
    }

    /// <summary>Up to the closing delimiter; two of them stand for one.</summary>
    private SqlToken Delimited(SqlTokenKind kind, char end)
    {
        var start = _next++;
        var content = new StringBuilder();
        while (_next < text.Length)
        {
            var character = text[_next++];
            if (character != end)
            {
                content.Append(character);
            }
            else if (_next < text.Length && text[_next] == end)
            {
                content.Append(character);
                _next++;
            }
            else
            {
                return kind == SqlTokenKind.Name && content.Length == 0
                    ? throw new SqlSyntaxException(start + 1, "the name is empty.")
                    : new SqlToken(kind, start + 1, content.ToString());
            }
        }

        throw new SqlSyntaxException(
            start + 1, $"the {(kind == SqlTokenKind.Text ? "text" : "name")} that begins here has no closing {end}");
    }

    private SqlToken Parameter()
    {
        var start = _next++;
        var name = Word();
        return name.Length > 0
            ? new SqlToken(SqlTokenKind.Parameter, start + 1, name)
            : throw new SqlSyntaxException(start + 1, "a parameter's name must follow the '@'.");
    }

    private SqlToken Number()
    {
        var start = _next;
        var kind = SqlTokenKind.Integer;
        Digits();
        if (_next < text.Length && text[_next] == '.')
        {
            kind = SqlTokenKind.Real;
            _next++;
            Digits();
        }

        if (_next < text.Length && text[_next] is 'e' or 'E')
        {
            kind = SqlTokenKind.Real;
            _next++;
            if (_next < text.Length && text[_next] is '+' or '-')
            {
                _next++;
            }

            Digits();
        }

        if (_next < text.Length && (char.IsLetterOrDigit(text[_next]) || text[_next] is '_' or '.'))
        {
            throw new SqlSyntaxException(start + 1, $"'{text[start..(_next + 1)]}' begins like a number, but is not a number.");
        }

        var number = text[start.._next];
        return kind == SqlTokenKind.Integer || double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? new SqlToken(kind, start + 1, number)
            : throw new SqlSyntaxException(start + 1, $"'{number}' is not a number.");
    }

    private void Digits()
    {
        while (_next < text.Length && char.IsAsciiDigit(text[_next]))
        {
            _next++;
        }
    }

    private SqlToken Symbol()
    {
        var start = _next;
        var two = start + 1 < text.Length ? text.Substring(start, 2) : "";
        if (two is "<>" or "!=" or "<=" or ">=")
        {
            _next += 2;
            return new SqlToken(SqlTokenKind.Symbol, start + 1, two == "!=" ? "<>" : two);
        }

        _next++;
        return "=<>+-*/%(),.;".Contains(text[start], StringComparison.Ordinal)
            ? new SqlToken(SqlTokenKind.Symbol, start + 1, text[start].ToString())
            : throw new SqlSyntaxException(start + 1, $"'{text[start]}' has no meaning here.");
    }
}
