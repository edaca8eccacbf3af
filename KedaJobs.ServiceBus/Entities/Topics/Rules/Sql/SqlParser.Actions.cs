namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>
/// Actions (Microsoft Learn: "Subscription Rule SQL Action Syntax"): statements one after the other,
/// with or without semicolons between them.
/// <code>SET quantity = quantity / 2; REMOVE priority; SET sys.CorrelationId = 'low'</code>
/// </summary>
internal sealed partial class SqlParser
{
    /// <summary>Service Bus's limit for the statements of an action.</summary>
    private const int MaxStatements = 32;

    /// <summary>Reads the statements of an action.</summary>
    /// <exception cref="SqlSyntaxException">The text has something else; the exception says where and why.</exception>
    public static IReadOnlyList<SqlStatement> ParseAction(string text, IReadOnlyDictionary<string, object> parameters)
    {
        var parser = new SqlParser(text, parameters);
        var statements = new List<SqlStatement>();
        do
        {
            if (statements.Count == MaxStatements)
            {
                throw new SqlSyntaxException(parser._token.Position, $"an action has at most {MaxStatements} statements.");
            }

            statements.Add(parser.Statement());
            while (parser.TrySymbol(";"))
            {
                // Any number, also none.
            }
        }
        while (parser._token.Kind != SqlTokenKind.End);

        return statements;
    }

    private SqlStatement Statement()
    {
        var isSet = TryWord("SET");
        if (!isSet && !TryWord("REMOVE"))
        {
            throw Unexpected("SET or REMOVE");
        }

        var start = _token;
        var target = Property();
        if (target is MissingSystemProperty missing)
        {
            throw new SqlSyntaxException(start.Position, $"there is no system property 'sys.{missing.Name}'.");
        }

        if (target is SystemPropertyExpression { Property: var property } && !SystemProperties.CanBeSet(property))
        {
            throw new SqlSyntaxException(start.Position, $"the system property '{property}' cannot be changed by an action.");
        }

        if (!isSet)
        {
            return new SqlStatement(target, null);
        }

        ExpectSymbol("=");
        return new SqlStatement(target, Expression());
    }
}

/// <summary>A statement of an action.</summary>
/// <param name="Target">The property that is set or removed.</param>
/// <param name="Value">What it is set to, or null to remove it.</param>
internal sealed record SqlStatement(PropertyExpression Target, SqlExpression? Value);
