namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>Something that is true, false or unknown.</summary>
internal abstract class SqlPredicate : SqlNode
{
    /// <exception cref="FilterException">It cannot be told for these properties.</exception>
    public abstract Truth Test(IPropertySource source);
}

internal sealed class NotPredicate(SqlPredicate operand) : SqlPredicate
{
    public override Truth Test(IPropertySource source) => operand.Test(source).Not();
}

internal sealed class AndPredicate(SqlPredicate left, SqlPredicate right) : SqlPredicate
{
    public override Truth Test(IPropertySource source)
    {
        var first = left.Test(source);
        return first == Truth.False ? first : (Truth)Math.Min((byte)first, (byte)right.Test(source));
    }
}

internal sealed class OrPredicate(SqlPredicate left, SqlPredicate right) : SqlPredicate
{
    public override Truth Test(IPropertySource source)
    {
        var first = left.Test(source);
        return first == Truth.True ? first : (Truth)Math.Max((byte)first, (byte)right.Test(source));
    }
}

internal sealed class ComparisonPredicate(string op, SqlExpression left, SqlExpression right) : SqlPredicate
{
    public override Truth Test(IPropertySource source)
    {
        var first = left.Evaluate(source);
        var second = right.Evaluate(source);
        if (first.IsUnknown || second.IsUnknown)
        {
            return Truth.Unknown;
        }

        var order = SqlOperators.Compare(op, first, second);
        return Truths.Of(op switch
        {
            "=" => order == 0,
            "<>" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        });
    }
}

internal sealed class IsNullPredicate(PropertyExpression property) : SqlPredicate
{
    public override Truth Test(IPropertySource source) => Truths.Of(property.Evaluate(source).IsUnknown);
}

internal sealed class ExistsPredicate(PropertyExpression property) : SqlPredicate
{
    public override Truth Test(IPropertySource source) => Truths.Of(property.Exists(source));
}

/// <summary>IN: as if the value were compared with each of the list, joined by OR.</summary>
internal sealed class InPredicate(SqlExpression value, SqlExpression[] list) : SqlPredicate
{
    public override Truth Test(IPropertySource source)
    {
        var sought = value.Evaluate(source);
        if (sought.IsUnknown)
        {
            return Truth.Unknown;
        }

        var result = Truth.False;
        foreach (var item in list)
        {
            var candidate = item.Evaluate(source);
            if (candidate.IsUnknown)
            {
                result = Truth.Unknown;
            }
            else if (SqlOperators.Compare("=", sought, candidate) == 0)
            {
                return Truth.True;
            }
        }

        return result;
    }
}

internal sealed class LikePredicate(SqlExpression value, SqlExpression pattern, SqlExpression? escape) : SqlPredicate
{
    public override Truth Test(IPropertySource source)
    {
        var text = value.Evaluate(source);
        var like = pattern.Evaluate(source);
        var character = escape?.Evaluate(source);
        if (text.IsUnknown || like.IsUnknown || character is { IsUnknown: true })
        {
            return Truth.Unknown;
        }

        if (text.Kind != SqlKind.Text || like.Kind != SqlKind.Text)
        {
            throw new FilterException($"LIKE compares texts, not values of the types {text.Kind} and {like.Kind}.");
        }

        var escaping = EscapeOf(character);
        return LikePattern.IsWellFormed(like.Text, escaping)
            ? Truths.Of(LikePattern.Matches(text.Text, like.Text, escaping))
            : throw new FilterException($"The pattern '{like.Text}' of LIKE ends with its escape character.");
    }

    private static char? EscapeOf(SqlValue? character) => character switch
    {
        null => null,
        { Kind: SqlKind.Text, Text: [var single] } => single,
        _ => throw new FilterException("The escape character of LIKE must be a text of one character."),
    };
}
