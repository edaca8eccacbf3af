namespace Azure.Provisioning.Expressions;

public abstract class BicepExpression
{
    protected BicepExpression()
    {
    }

    public static implicit operator BicepExpression(bool value) => new BoolLiteralExpression(value);

    public static implicit operator BicepExpression(int value) => new IntLiteralExpression(value);

    public static implicit operator BicepExpression(string value) => new StringLiteralExpression(value);

    public override string ToString() => BicepWriter.Write(this);

    internal abstract void Write(BicepWriter writer);
}
