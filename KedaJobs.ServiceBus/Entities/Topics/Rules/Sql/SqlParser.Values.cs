using System.Globalization;

namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>Values: sums, products, signs and operands.</summary>
internal sealed partial class SqlParser
{
    private SqlExpression Expression()
    {
        var start = _token;
        return ToExpression(Sum(), start);
    }

    private SqlNode Sum()
    {
        var start = _token;
        var left = Product();
        while (_token is { Kind: SqlTokenKind.Symbol, Text: ("+" or "-") and var op })
        {
            Advance();
            var next = _token;
            left = new ArithmeticExpression(op[0], ToExpression(left, start), ToExpression(Product(), next));
        }

        return left;
    }

    private SqlNode Product()
    {
        var start = _token;
        var left = Signed();
        while (_token is { Kind: SqlTokenKind.Symbol, Text: ("*" or "/" or "%") and var op })
        {
            Advance();
            var next = _token;
            left = new ArithmeticExpression(op[0], ToExpression(left, start), ToExpression(Signed(), next));
        }

        return left;
    }

    private SqlNode Signed()
    {
        if (!_token.IsSymbol("-") && !_token.IsSymbol("+"))
        {
            return Operand();
        }

        var sign = _token.Text[0];
        Advance();
        if (sign == '-' && _token.Kind == SqlTokenKind.Integer)
        {
            // Together, because the least integer has no positive counterpart.
            return Integer("-");
        }

        Enter();
        var start = _token;
        var operand = ToExpression(Signed(), start);
        _depth--;
        return new SignExpression(sign, operand);
    }

    private SqlNode Operand()
    {
        var token = _token;
        switch (token.Kind)
        {
            case SqlTokenKind.Text:
                Advance();
                return new ConstantExpression(SqlValue.Of(token.Text));
            case SqlTokenKind.Integer:
                return Integer("");
            case SqlTokenKind.Real:
                Advance();
                return new ConstantExpression(SqlValue.Of(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case SqlTokenKind.Parameter:
                Advance();
                return Parameter(token);
            case SqlTokenKind.Name:
                return Property();
            case SqlTokenKind.Word:
                return Word();
            default:
                return TrySymbol("(") ? Parenthesized() : throw Unexpected("a value");
        }
    }

    private ConstantExpression Integer(string sign)
    {
        var token = _token;
        Advance();
        return long.TryParse(sign + token.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? new ConstantExpression(SqlValue.Of(value))
            : throw new SqlSyntaxException(token.Position, $"{sign}{token.Text} is beyond the range of 64-bit integers.");
    }

    private ConstantExpression Parameter(SqlToken token)
    {
        if (!_parameters.TryGetValue(token.Text, out var given))
        {
            throw new SqlSyntaxException(token.Position, $"the parameter @{token.Text} has no value.");
        }

        var value = SqlValue.Of(given);
        return value.Kind == SqlKind.Other
            ? throw new SqlSyntaxException(
                token.Position, $"the parameter @{token.Text} has a value of type {given.GetType().Name}, which no expression takes.")
            : new ConstantExpression(value);
    }

    private SqlNode Parenthesized()
    {
        Enter();
        var inner = Disjunction();
        ExpectSymbol(")");
        _depth--;
        return inner;
    }

    /// <summary>A constant, a function, EXISTS or a property.</summary>
    private SqlNode Word()
    {
        var word = _token;
        if (TryWord("TRUE"))
        {
            return new ConstantExpression(SqlValue.Of(true));
        }

        if (TryWord("FALSE"))
        {
            return new ConstantExpression(SqlValue.Of(false));
        }

        if (TryWord("NULL"))
        {
            return new ConstantExpression(SqlValue.Unknown);
        }

        if (TryWord("EXISTS"))
        {
            ExpectSymbol("(");
            var property = Property();
            ExpectSymbol(")");
            return new ExistsPredicate(property);
        }

        var named = Property();
        return named is UserProperty && _token.IsSymbol("(") ? Function(word) : named;
    }

    private SqlExpression Function(SqlToken name)
    {
        Enter();
        ExpectSymbol("(");
        SqlExpression function =
            name.IsWord("newid") ? new NewIdFunction()
            : name.IsWord("property") || name.IsWord("p") ? new PropertyFunction(Expression())
            : throw new SqlSyntaxException(name.Position, $"there is no function '{name.Text}'; use newid(), property(name) or p(name).");
        ExpectSymbol(")");
        _depth--;
        return function;
    }

    /// <summary>A property's name, with or without a scope before it.</summary>
    private PropertyExpression Property()
    {
        var first = PropertyName();
        if (!TrySymbol("."))
        {
            return new UserProperty(first.Text);
        }

        return first.Kind == SqlTokenKind.Word && IsScope(first.Text)
            ? PropertyOf(first.Text, PropertyName().Text)
            : throw new SqlSyntaxException(
                first.Position, $"{first} is not a scope; use 'sys' or 'user', or write a name with a period in brackets.");
    }

    private SqlToken PropertyName()
    {
        var token = _token;
        if (token.Kind == SqlTokenKind.Name || (token.Kind == SqlTokenKind.Word && !IsKeyword(token)))
        {
            Advance();
            return token;
        }

        throw IsKeyword(token)
            ? new SqlSyntaxException(
                token.Position, $"{token} is a keyword; a property of this name must be written in brackets: [{token.Text}].")
            : Unexpected("the name of a property");
    }

    private static bool IsKeyword(SqlToken token) => token.Kind == SqlTokenKind.Word && Keywords.Contains(token.Text);

    private void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new SqlSyntaxException(_token.Position, $"the expression is nested more than {MaxDepth} deep.");
        }
    }

    private void Advance() => _token = _lexer.Read();

    private bool TryWord(string keyword)
    {
        if (!_token.IsWord(keyword))
        {
            return false;
        }

        Advance();
        return true;
    }

    private bool TrySymbol(string symbol)
    {
        if (!_token.IsSymbol(symbol))
        {
            return false;
        }

        Advance();
        return true;
    }

    private void ExpectWord(string keyword)
    {
        if (!TryWord(keyword))
        {
            throw Unexpected(keyword);
        }
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TrySymbol(symbol))
        {
            throw Unexpected($"'{symbol}'");
        }
    }

    private SqlSyntaxException Unexpected(string expected) => new(_token.Position, $"{expected} was expected, not {_token}.");
}
