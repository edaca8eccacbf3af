namespace Azure.Provisioning.Expressions;

public class IdentifierExpression(string name) : BicepExpression
{
    public string Name { get; } = name;

    internal override void Write(BicepWriter writer) => writer.Append(Name);
}

public class MemberExpression(BicepExpression value, string member) : BicepExpression
{
    public BicepExpression Value { get; } = value;

    public string Member { get; } = member;

    internal override void Write(BicepWriter writer) => writer.AppendOperand(Value).Append('.').Append(Member);
}

public class IndexExpression(BicepExpression value, BicepExpression index) : BicepExpression
{
    public BicepExpression Value { get; } = value;

    public BicepExpression Index { get; } = index;

    internal override void Write(BicepWriter writer) => writer.AppendOperand(Value).Append('[').Append(Index).Append(']');
}

public class FunctionCallExpression(BicepExpression function, params BicepExpression[] arguments) : BicepExpression
{
    public BicepExpression Function { get; } = function;

    public BicepExpression[] Arguments { get; } = arguments;

    internal override void Write(BicepWriter writer)
    {
        writer.AppendOperand(Function).Append('(');
        for (var i = 0; i < Arguments.Length; i++)
        {
            writer.Append(i == 0 ? "" : ", ").Append(Arguments[i]);
        }

        writer.Append(')');
    }
}
