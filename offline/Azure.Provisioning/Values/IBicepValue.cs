using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public enum BicepValueKind
{
    Unset = 0,
    Literal = 1,
    Expression = 2,
}

public interface IBicepValue
{
    BicepValueKind Kind { get; }

    BicepExpression? Expression { get; set; }

    object? LiteralValue { get; }

    BicepValueReference? Self { get; set; }

    BicepValueReference? Source { get; }

    bool IsEmpty { get; }

    bool IsOutput { get; }

    bool IsRequired { get; }

    bool IsSecure { get; }

    BicepExpression Compile();

    void Assign(IBicepValue source);

    void SetReadOnly();
}
