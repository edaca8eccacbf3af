namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>
/// Reads conditions and expressions (Microsoft Learn: "Subscription Rule SQL Filter Syntax"), from
/// OR, which binds least, to a single operand:
/// <code>NOT user.color = 'red' AND (sys.To IN ('a', 'b') OR quantity * 2 >= @least)</code>
/// Conditions and values are told apart by what they are made of, because either may stand in parentheses.
/// </summary>
internal sealed partial class SqlParser
{
    /// <summary>Service Bus's limit for the length of a filter or action.</summary>
    public const int MaxLength = 1024;

    /// <summary>How deep parentheses and signs may be nested: evaluation is recursive.</summary>
    private const int MaxDepth = 64;

    private static readonly HashSet<string> Keywords = new(
        ["AND", "OR", "NOT", "IN", "LIKE", "ESCAPE", "IS", "NULL", "EXISTS", "TRUE", "FALSE"], StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, object> _parameters = new(StringComparer.OrdinalIgnoreCase);
    private readonly SqlLexer _lexer;
    private SqlToken _token;
    private int _depth;

    private SqlParser(string text, IReadOnlyDictionary<string, object> parameters)
    {
        if (text.Length > MaxLength)
        {
            throw new SqlSyntaxException(MaxLength + 1, $"the text is {text.Length} characters long; at most {MaxLength} are allowed.");
        }

        foreach (var (name, value) in parameters)
        {
            _parameters[name.TrimStart('@')] = value;
        }

        _lexer = new SqlLexer(text);
        _token = _lexer.Read();
    }

    /// <summary>Reads a condition.</summary>
    /// <exception cref="SqlSyntaxException">The text is not one; the exception says where and why.</exception>
    public static SqlPredicate ParseFilter(string text, IReadOnlyDictionary<string, object> parameters)
    {
        var parser = new SqlParser(text, parameters);
        var start = parser._token;
        var condition = parser.ToPredicate(parser.Disjunction(), start);
        return parser._token.Kind == SqlTokenKind.End ? condition : throw parser.Unexpected("AND, OR or the end");
    }

    public static bool IsScope(string word) =>
        word.Equals("sys", StringComparison.OrdinalIgnoreCase) || word.Equals("user", StringComparison.OrdinalIgnoreCase);

    public static PropertyExpression PropertyOf(string scope, string name) =>
        !scope.Equals("sys", StringComparison.OrdinalIgnoreCase) ? new UserProperty(name)
        : SystemProperties.Find(name) is { } property ? new SystemPropertyExpression(property)
        : new MissingSystemProperty(name);

    private SqlNode Disjunction()
    {
        var start = _token;
        var left = Conjunction();
        while (_token.IsWord("OR"))
        {
            var first = ToPredicate(left, start);
            Advance();
            var next = _token;
            left = new OrPredicate(first, ToPredicate(Conjunction(), next));
        }

        return left;
    }

    private SqlNode Conjunction()
    {
        var start = _token;
        var left = Negation();
        while (_token.IsWord("AND"))
        {
            var first = ToPredicate(left, start);
            Advance();
            var next = _token;
            left = new AndPredicate(first, ToPredicate(Negation(), next));
        }

        return left;
    }

    private SqlNode Negation()
    {
        if (!TryWord("NOT"))
        {
            return Comparison();
        }

        Enter();
        var start = _token;
        var operand = ToPredicate(Negation(), start);
        _depth--;
        return new NotPredicate(operand);
    }

    private SqlNode Comparison()
    {
        var start = _token;
        var left = Sum();
        if (_token is { Kind: SqlTokenKind.Symbol, Text: ("=" or "<>" or "<" or "<=" or ">" or ">=") and var op })
        {
            Advance();
            var first = ToExpression(left, start);
            var next = _token;
            return new ComparisonPredicate(op, first, ToExpression(Sum(), next));
        }

        if (TryWord("IS"))
        {
            var isNot = TryWord("NOT");
            ExpectWord("NULL");
            var isNull = new IsNullPredicate(
                left as PropertyExpression ?? throw new SqlSyntaxException(start.Position, "only a property can be compared by IS NULL."));
            return isNot ? new NotPredicate(isNull) : isNull;
        }

        var negated = TryWord("NOT");
        if (TryWord("IN"))
        {
            var membership = new InPredicate(ToExpression(left, start), List());
            return negated ? new NotPredicate(membership) : membership;
        }

        if (TryWord("LIKE"))
        {
            var like = Like(ToExpression(left, start));
            return negated ? new NotPredicate(like) : like;
        }

        return negated ? throw Unexpected("IN or LIKE") : left;
    }

    private SqlExpression[] List()
    {
        ExpectSymbol("(");
        var items = new List<SqlExpression>();
        do
        {
            items.Add(Expression());
        }
        while (TrySymbol(","));

        ExpectSymbol(")");
        return [.. items];
    }

    private LikePredicate Like(SqlExpression value)
    {
        var pattern = Expression();
        return new LikePredicate(value, pattern, TryWord("ESCAPE") ? Expression() : null);
    }

    private SqlPredicate ToPredicate(SqlNode node, SqlToken start)
    {
        if (node is SqlPredicate predicate)
        {
            return predicate;
        }

        throw _token.Kind is SqlTokenKind.Symbol or SqlTokenKind.End || IsKeyword(_token)
            ? new SqlSyntaxException(start.Position, $"a condition was expected, such as a comparison; {start} begins only a value.")
            : Unexpected("a comparison");
    }

    private static SqlExpression ToExpression(SqlNode node, SqlToken start) =>
        node as SqlExpression ?? throw new SqlSyntaxException(start.Position, $"a value was expected; {start} begins a condition.");
}
