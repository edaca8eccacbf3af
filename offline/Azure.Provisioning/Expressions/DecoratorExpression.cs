namespace Azure.Provisioning.Expressions;

public class DecoratorExpression(BicepExpression value) : BicepExpression
{
    public BicepExpression Value { get; } = value;

    internal override void Write(BicepWriter writer) => writer.Append('@').Append(Value);
}
