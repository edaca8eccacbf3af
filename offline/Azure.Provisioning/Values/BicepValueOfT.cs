using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public class BicepValue<T> : BicepValue
{
    private T? _literal;

    public BicepValue(T literal)
        : base(null)
    {
        // A value given where any object may stand (an output, a module parameter) is that value, not an object that holds it.
        if (literal is IBicepValue value and not ProvisionableConstruct)
        {
            Kind = BicepValueKind.Expression;
            Expression = value.ToBicepExpression();
            IsSecure = value.IsSecure;
        }
        else
        {
            Kind = BicepValueKind.Literal;
            _literal = literal;
        }
    }

    public BicepValue(BicepExpression expression)
        : base(null)
    {
        Kind = BicepValueKind.Expression;
        Expression = expression;
    }

    internal BicepValue(BicepValueReference? self)
        : base(self)
    {
    }

    public T? Value => _literal;

    private protected override object? LiteralValue => _literal;

    public static implicit operator BicepValue<T>(T value) => new(value);

    public static implicit operator BicepValue<T>(BicepExpression? expression) => new(expression ?? new NullLiteralExpression());

    public static implicit operator BicepValue<T>(ProvisioningVariable reference) =>
        new(new IdentifierExpression(reference.BicepIdentifier)) { IsSecure = reference is ProvisioningParameter { IsSecure: true } };

    // Identifiers, guids, locations: whatever Bicep writes as a string.
    public static implicit operator BicepValue<string>(BicepValue<T> value)
    {
        if (value is BicepValue<string> same)
        {
            return same;
        }

        var text = new BicepValue<string>(value.Self) { IsSecure = value.IsSecure, Kind = value.Kind, Expression = value.Expression };
        if (value.Kind == BicepValueKind.Literal)
        {
            text.SetLiteral(Literals.ToText(value._literal));
        }

        return text;
    }

    public void Assign(BicepValue<T> source) => AssignFrom(source);

    public void ClearValue() => Reset();

    internal void SetLiteral(T literal)
    {
        Kind = BicepValueKind.Literal;
        _literal = literal;
    }

    private protected override BicepExpression CompileLiteral() => Literals.ToExpression(_literal);

    private protected override void CopyLiteral(IBicepValue source) => _literal = (T?)source.LiteralValue;
}
