namespace Azure.Provisioning.Expressions;

public enum BinaryBicepOperator
{
    And = 0,
    Or = 1,
    Coalesce = 2,
    Equal = 3,
    EqualIgnoreCase = 4,
    NotEqual = 5,
    NotEqualIgnoreCase = 6,
    Greater = 7,
    GreaterOrEqual = 8,
    Less = 9,
    LessOrEqual = 10,
    Add = 11,
    Subtract = 12,
    Multiply = 13,
    Divide = 14,
    Modulo = 15,
}

public class BinaryExpression(BicepExpression left, BinaryBicepOperator op, BicepExpression right) : BicepExpression
{
    private static readonly string[] Symbols =
        ["&&", "||", "??", "==", "=~", "!=", "!~", ">", ">=", "<", "<=", "+", "-", "*", "/", "%"];

    public BicepExpression Left { get; } = left;

    public BinaryBicepOperator Operator { get; } = op;

    public BicepExpression Right { get; } = right;

    internal override void Write(BicepWriter writer) =>
        writer.AppendOperand(Left).Append(' ').Append(Symbols[(int)Operator]).Append(' ').AppendOperand(Right);
}

public class ConditionalExpression(BicepExpression condition, BicepExpression consequent, BicepExpression alternate) : BicepExpression
{
    public BicepExpression Condition { get; } = condition;

    public BicepExpression Consequent { get; } = consequent;

    public BicepExpression Alternate { get; } = alternate;

    internal override void Write(BicepWriter writer) =>
        writer.AppendOperand(Condition).Append(" ? ").AppendOperand(Consequent).Append(" : ").AppendOperand(Alternate);
}
