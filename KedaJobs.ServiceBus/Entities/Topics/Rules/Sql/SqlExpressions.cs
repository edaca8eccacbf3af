namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>A part of a parsed text: something with a value, or something that is true or not.</summary>
internal abstract class SqlNode;

/// <summary>Something with a value.</summary>
internal abstract class SqlExpression : SqlNode
{
    /// <exception cref="FilterException">There can be no value for these properties.</exception>
    public abstract SqlValue Evaluate(IPropertySource source);
}

/// <summary>A constant, or the value of a parameter.</summary>
internal sealed class ConstantExpression(SqlValue value) : SqlExpression
{
    public override SqlValue Evaluate(IPropertySource source) => value;
}

/// <summary>A property by its name. <see cref="Exists"/> is what EXISTS asks.</summary>
internal abstract class PropertyExpression : SqlExpression
{
    public abstract bool Exists(IPropertySource source);
}

internal sealed class UserProperty(string name) : PropertyExpression
{
    public string Name { get; } = name;

    public override SqlValue Evaluate(IPropertySource source) => source.TryGet(Name, out var value) ? value : SqlValue.Unknown;

    public override bool Exists(IPropertySource source) => source.TryGet(Name, out _);
}

internal sealed class SystemPropertyExpression(SystemProperty property) : PropertyExpression
{
    public SystemProperty Property { get; } = property;

    public override SqlValue Evaluate(IPropertySource source) => source.Get(Property);

    public override bool Exists(IPropertySource source) => !source.Get(Property).IsUnknown;
}

/// <summary>A system property that there is not: an error, but only once it is evaluated.</summary>
internal sealed class MissingSystemProperty(string name) : PropertyExpression
{
    public string Name { get; } = name;

    public override SqlValue Evaluate(IPropertySource source) =>
        throw new FilterException($"There is no system property 'sys.{Name}' that rules can use.");

    public override bool Exists(IPropertySource source) => Evaluate(source).IsUnknown;
}

/// <summary><c>property(name)</c>: a property whose name is computed; with <c>sys.</c> before it, a system property.</summary>
internal sealed class PropertyFunction(SqlExpression name) : SqlExpression
{
    public override SqlValue Evaluate(IPropertySource source)
    {
        var value = name.Evaluate(source);
        return value.Kind switch
        {
            SqlKind.Unknown => SqlValue.Unknown,
            SqlKind.Text => Named(value.Text).Evaluate(source),
            _ => throw new FilterException($"property() needs a text as the property's name, not a value of type {value.Kind}."),
        };
    }

    private static PropertyExpression Named(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && SqlParser.IsScope(name[..dot]) ? SqlParser.PropertyOf(name[..dot], name[(dot + 1)..]) : new UserProperty(name);
    }
}

/// <summary><c>newid()</c></summary>
internal sealed class NewIdFunction : SqlExpression
{
    public override SqlValue Evaluate(IPropertySource source) => SqlValue.Of(Guid.NewGuid());
}

internal sealed class ArithmeticExpression(char op, SqlExpression left, SqlExpression right) : SqlExpression
{
    public override SqlValue Evaluate(IPropertySource source) => SqlOperators.Compute(op, left.Evaluate(source), right.Evaluate(source));
}

internal sealed class SignExpression(char sign, SqlExpression operand) : SqlExpression
{
    public override SqlValue Evaluate(IPropertySource source) => SqlOperators.Sign(sign, operand.Evaluate(source));
}
