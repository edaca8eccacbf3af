namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>
/// Arithmetic and comparison with the promotions of C# (Microsoft Learn: "Subscription Rule SQL Filter Syntax", operator binding
/// semantics). What C# does not allow is an error of evaluation; beyond C#, text is ordered, by its characters.
/// </summary>
internal static class SqlOperators
{
    public static SqlValue Compute(char op, in SqlValue left, in SqlValue right)
    {
        if (left.IsUnknown || right.IsUnknown)
        {
            return SqlValue.Unknown;
        }

        return (left.Kind, right.Kind) switch
        {
            (SqlKind.Integer, SqlKind.Integer) => ComputeIntegers(op, left.Integer, right.Integer),
            _ when left.IsNumber && right.IsNumber => ComputeReals(op, left.Real, right.Real),
            (SqlKind.Text, not SqlKind.Other) or (not SqlKind.Other, SqlKind.Text) when op == '+' =>
                SqlValue.Of(left.ToText() + right.ToText()),
            (SqlKind.Time, SqlKind.Time) when op == '-' => SqlValue.Of(left.Time - right.Time),
            (SqlKind.Time, SqlKind.Duration) when op is '+' or '-' =>
                Within(left.Time, op == '+' ? right.Duration : right.Duration.Negate()),
            (SqlKind.Duration, SqlKind.Duration) when op is '+' or '-' => ComputeDurations(op, left.Duration, right.Duration),
            _ => throw Mismatch(op.ToString(), left, right),
        };
    }

    public static SqlValue Sign(char sign, in SqlValue value) => value.Kind switch
    {
        SqlKind.Unknown => SqlValue.Unknown,
        not (SqlKind.Integer or SqlKind.Real or SqlKind.Duration) =>
            throw new FilterException($"The sign '{sign}' cannot be applied to a value of type {value.Kind}."),
        _ when sign == '+' => value,
        SqlKind.Integer => ComputeIntegers('-', 0, value.Integer),
        SqlKind.Real => SqlValue.Of(-value.Real),
        _ => ComputeDurations('-', TimeSpan.Zero, value.Duration),
    };

    /// <summary>
    /// The order of two known values: negative, zero or positive; null where one is not a number, so that they only differ.
    /// </summary>
    /// <param name="op">The operator as written: it decides what can be compared.</param>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static int? Compare(string op, in SqlValue left, in SqlValue right) => (left.Kind, right.Kind) switch
    {
        (SqlKind.Integer, SqlKind.Integer) => left.Integer.CompareTo(right.Integer),
        _ when left.IsNumber && right.IsNumber => CompareReals(left.Real, right.Real),
        (SqlKind.Text, SqlKind.Text) => string.CompareOrdinal(left.Text, right.Text),
        (SqlKind.Time, SqlKind.Time) => left.Time.CompareTo(right.Time),
        (SqlKind.Duration, SqlKind.Duration) => left.Duration.CompareTo(right.Duration),
        (SqlKind.Boolean, SqlKind.Boolean) when op is "=" or "<>" => left.Boolean.CompareTo(right.Boolean),
        (SqlKind.Id, SqlKind.Id) when op is "=" or "<>" => left.Id.CompareTo(right.Id),
        _ => throw Mismatch(op, left, right),
    };

    private static SqlValue ComputeIntegers(char op, long left, long right)
    {
        try
        {
            return SqlValue.Of(op switch
            {
                '+' => checked(left + right),
                '-' => checked(left - right),
                '*' => checked(left * right),
                '/' => left / right,
                _ => right == -1 ? 0 : left % right,
            });
        }
        catch (ArithmeticException failure)
        {
            throw new FilterException($"{left} {op} {right} cannot be computed: {failure.Message}");
        }
    }

    private static SqlValue ComputeReals(char op, double left, double right) => SqlValue.Of(op switch
    {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' => left / right,
        _ => left % right,
    });

    private static SqlValue ComputeDurations(char op, TimeSpan left, TimeSpan right)
    {
        try
        {
            return SqlValue.Of(op == '+' ? left + right : left - right);
        }
        catch (OverflowException)
        {
            throw new FilterException($"{left} {op} {right} is longer than a duration can be.");
        }
    }

    private static SqlValue Within(DateTime time, TimeSpan duration)
    {
        try
        {
            return SqlValue.Of(time + duration);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new FilterException($"{time:O} and {duration} lead out of the calendar.");
        }
    }

    private static int? CompareReals(double left, double right) => double.IsNaN(left) || double.IsNaN(right) ? null : left.CompareTo(right);

    private static FilterException Mismatch(string op, in SqlValue left, in SqlValue right) =>
        new($"The operator '{op}' cannot be applied to values of the types {left.Kind} and {right.Kind}.");
}
